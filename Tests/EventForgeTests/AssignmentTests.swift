// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import EventForge

@Suite struct AssignmentTests {
    private static let tree: JSON = ["data": ["object": ["status": "active", "items": [1, 2], "note": .null]]]

    @Test(arguments: [
        ("data.object.status=past_due", "data.object.status", JSON.string("past_due")),
        ("data.object.count=3", "data.object.count", .integer(3)),
        ("data.object.status=\"3\"", "data.object.status", .string("3")),
        ("data.object.status=", "data.object.status", .string("")),
        ("data.object.status=a=b", "data.object.status", .string("a=b")),
        ("data.object.flag=true", "data.object.flag", .bool(true)),
        ("data.object.new.deep.key={\"a\":[1]}", "data.object.new.deep.key", .object(["a": .array([.integer(1)])])),
        ("data.object.note.made=1", "data.object.note.made", .integer(1)),
        ("data.object.status.made=1", "data.object.status.made", .integer(1)),
        ("account=acct_1", "account", .string("acct_1")),
        ("data.object=[]", "data.object", .array([])),
    ])
    func `a value lands where its path says`(text: String, path: String, value: JSON) throws {
        #expect(try Assignment(text).applied(to: Self.tree).at(path) == value)
    }

    @Test func `an array's element is replaced or one is appended`() throws {
        #expect(try Assignment("data.object.items.1=9").applied(to: Self.tree).at("data.object.items") == [1, 9])
        #expect(try Assignment("data.object.items.2=9").applied(to: Self.tree).at("data.object.items") == [1, 2, 9])
        let nested = try Assignment("data.object.items.2.id=x").applied(to: Self.tree)
        #expect(nested.at("data.object.items") == [1, 2, ["id": "x"]])
    }

    @Test func `a null stays a null that is there`() throws {
        let changed = try Assignment("data.object.status=null").applied(to: Self.tree)
        #expect(changed.at("data.object")?.object?["status"] == .some(.null))
    }

    @Test(arguments: ["", "status", "=1", ".status=1", "data..status=1", "data.=1"])
    func `a path that leads nowhere is refused`(text: String) {
        #expect(throws: Assignment.Fault.self) { try Assignment(text) }
    }

    @Test(arguments: ["data.object.items.3=1", "data.object.items.-1=1", "data.object.items.x=1"])
    func `an element that is not there is refused`(text: String) throws {
        let assignment = try Assignment(text)
        #expect(throws: Assignment.Fault.self) { try assignment.applied(to: Self.tree) }
    }
}
