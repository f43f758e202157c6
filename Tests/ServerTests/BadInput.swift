// SPDX-License-Identifier: Apache-2.0

import Testing

/// A validly signed body that no sane sender writes, and the end that it must have.
struct BadInput: Sendable, CustomTestStringConvertible {
    enum End: Sendable {
        /// Its error contains this text.
        case quarantined(String)
        case failed(String)
        case ignored(String)
        case processed
    }

    let name: String
    let body: [UInt8]
    let end: End

    init(_ name: String, bytes body: [UInt8], _ end: End) {
        self.name = name
        self.body = body
        self.end = end
    }

    init(_ name: String, _ body: String, _ end: End) {
        self.init(name, bytes: Array(body.utf8), end)
    }

    var testDescription: String { name }
}

/// Written by hand, since an encoder would not produce them.
extension BadInput {
    private static func nested(_ depth: Int, _ open: String, _ core: String, _ close: String) -> String {
        String(repeating: open, count: depth) + core + String(repeating: close, count: depth)
    }

    private static let long = String(repeating: "x", count: 251)

    /// An envelope with some members replaced, each written as JSON; nil removes one.
    static func envelope(_ id: String, _ members: [String: String?] = [:]) -> String {
        var all: [String: String] = [
            "id": "\"evt_\(id)\"", "object": "\"event\"", "type": "\"customer.created\"", "created": "1795478400",
            "livemode": "true", "data": #"{"object":{}}"#,
        ]
        for (key, value) in members { all[key] = value }
        return "{" + all.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    /// An event about an object with a customer of its own.
    private static func about(_ id: String, _ type: String, _ members: [String: String?]) -> String {
        let object = members.merging(["customer": "\"cus_\(id)\""]) { given, _ in given }.compactMapValues { $0 }
        let text = object.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        return envelope(id, ["type": "\"\(type)\"", "data": "{\"object\":{\(text)}}"])
    }

    private static func invoice(_ id: String, _ members: [String: String?]) -> String {
        about(id, "invoice.paid", members.merging(["id": "\"in_\(id)\""]) { given, _ in given })
    }

    private static func intent(_ id: String, credits: String, _ members: [String: String?] = [:]) -> String {
        let known: [String: String?] = ["id": "\"pi_\(id)\"", "metadata": "{\"credits\":\(credits)}"]
        return about(id, "payment_intent.succeeded", members.merging(known) { given, _ in given })
    }

    private static func invoiceEnding(_ id: String, _ end: String) -> String {
        invoice(id, ["subscription": #""sub_1""#, "lines": #"{"data":[{"period":{"end":\#(end)}}]}"#])
    }

    private static func thin(_ id: String, _ type: String, _ more: String = "") -> String {
        """
        {"id":"evt_\(id)","object":"v2.core.event","type":"\(type)","created":"2026-11-24T00:00:00.123Z",\
        "related_object":{"id":"in_1","type":"invoice","url":"/v1/invoices/in_1"}\(more)}
        """
    }

    private static let wide = String(repeating: "ä", count: 100_000)

    private static func envelope1970(_ id: String) -> String {
        let object = #"{"object":{"id":"in_\#(id)","customer":"cus_\#(id)","subscription":"sub_\#(id)"}}"#
        return envelope(id, ["type": #""invoice.payment_failed""#, "created": "0", "data": object])
    }
}

extension BadInput {
    static let all = [notJSON, noEvent, strange, unusable, usable]

    /// Not JSON in UTF-8.
    static let notJSON: [BadInput] = [
        BadInput("nothing", "", .quarantined("JSON")),
        BadInput("a space", " ", .quarantined("JSON")),
        BadInput("gzip", bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xAB, 0x56, 0x0A, 0x01], .quarantined("UTF-8")),
        BadInput("invalid UTF-8", bytes: Array(envelope("u").utf8) + [0xFF], .quarantined("UTF-8")),
        BadInput(
            "an overlong NUL", bytes: Array(#"{"a":""#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8), .quarantined("UTF-8")),
        BadInput("a surrogate in UTF-8", bytes: Array("\"".utf8) + [0xED, 0xA0, 0x80, 0x22], .quarantined("UTF-8")),
        BadInput(
            "UTF-16", bytes: envelope("u16").utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, .quarantined("UTF-8")),
        BadInput(
            "UTF-16 with a byte-order mark",
            bytes: [0xFE, 0xFF] + envelope("u16").utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] },
            .quarantined("UTF-8")
        ),
        BadInput("UTF-32", bytes: envelope("u32").utf8.flatMap { [$0, 0, 0, 0] }, .quarantined("UTF-8")),
        BadInput("a NUL byte", bytes: Array(envelope("nul").utf8) + [0], .quarantined("UTF-8")),
        BadInput("HTML", "<!doctype html><title>502</title>", .quarantined("not JSON")),
        BadInput("a form", "id=evt_1&type=invoice.paid", .quarantined("not JSON")),
        BadInput("half of it", String(envelope("half").dropLast(20)), .quarantined("not JSON")),
        BadInput("two of it", envelope("two") + envelope("two"), .quarantined("not JSON")),
        BadInput("a comma after the last member", envelope("c", ["z": "1,"]), .quarantined("not JSON")),
        BadInput("a comma after the last element", envelope("c", ["z": "[1,]"]), .quarantined("not JSON")),
        BadInput("NaN", envelope("nan", ["z": "NaN"]), .quarantined("not JSON")),
        BadInput("infinity", envelope("inf", ["z": "-Infinity"]), .quarantined("not JSON")),
        BadInput("a comment", envelope("com", ["z": "/* */ 1"]), .quarantined("not JSON")),
        BadInput("single quotes", "{'id':'evt_1'}", .quarantined("not JSON")),
        BadInput("a leading zero", envelope("zero", ["z": "01"]), .quarantined("not JSON")),
        BadInput("a line feed in a string", envelope("lf", ["z": "\"\n\""]), .quarantined("not JSON")),
        BadInput("half a surrogate pair", envelope("sur", ["z": #""\ud800""#]), .quarantined("not JSON")),
        BadInput("the wrong half of one", envelope("sur", ["z": #""\udc00\ud800""#]), .quarantined("not JSON")),
        BadInput("an escape that is none", envelope("esc", ["z": #""\x41""#]), .quarantined("not JSON")),
        BadInput("10,000 lists", nested(10_000, "[", "", "]"), .quarantined("64 levels")),
        BadInput("10,000 objects", nested(10_000, #"{"a":"#, "1", "}"), .quarantined("64 levels")),
        BadInput("10,000 lists without an end", nested(10_000, "[", "", ""), .quarantined("64 levels")),
        BadInput(
            "an event 10,000 deep", envelope("deep", ["data": nested(10_000, "[", "", "]")]), .quarantined("64 lev")),
        BadInput("a million brackets", nested(500_000, "[", "", "]"), .quarantined("64 levels")),
    ]

    /// JSON that is not an event.
    static let noEvent: [BadInput] = [
        BadInput("null", "null", .quarantined("not a JSON object")),
        BadInput("a string", #""evt_1""#, .quarantined("not a JSON object")),
        BadInput("a number", "5", .quarantined("not a JSON object")),
        BadInput("a list of events", "[\(envelope("l"))]", .quarantined("not a JSON object")),
        BadInput("an empty object", "{}", .quarantined("object is not")),
        BadInput("another object", envelope("o", ["object": #""charge""#]), .quarantined("object is not")),
        BadInput(
            "an object that is no text", envelope("o", ["object": #"{"object":"event"}"#]), .quarantined("object")),
        BadInput("no id", envelope("i", ["id": nil]), .quarantined("id is missing")),
        BadInput("a null id", envelope("i", ["id": "null"]), .quarantined("id is missing")),
        BadInput("a number as id", envelope("i", ["id": "17"]), .quarantined("id is not")),
        BadInput("an empty id", envelope("i", ["id": "\"\""]), .quarantined("id is not")),
        BadInput("an id of 256", envelope("i", ["id": #""evt_\#(long)x""#]), .quarantined("id is not")),
        BadInput("an id with \\u0000", envelope("i", ["id": #""evt_\u0000""#]), .quarantined("id is not")),
        BadInput("an id with a line feed", envelope("i", ["id": #""evt_\n""#]), .quarantined("id is not")),
        BadInput("an id with an umlaut", envelope("i", ["id": #""evt_ü""#]), .quarantined("id is not")),
        BadInput("an id with an emoji", envelope("i", ["id": #""evt_😀""#]), .quarantined("id is not")),
        BadInput("no type", envelope("t", ["type": nil]), .quarantined("type is missing")),
        BadInput("a list as type", envelope("t", ["type": #"["invoice.paid"]"#]), .quarantined("type is not")),
        BadInput("a type with \\u0000", envelope("t", ["type": #""invoice.paid\u0000""#]), .quarantined("type is not")),
        BadInput("a type of 256", envelope("t", ["type": #""\#(long)xxxxx""#]), .quarantined("type is not")),
        BadInput("no created", envelope("c", ["created": nil]), .quarantined("created is missing")),
        BadInput("created before 1970", envelope("c", ["created": "-1"]), .quarantined("created is no time")),
        BadInput("created in 2100", envelope("c", ["created": "4102444800"]), .quarantined("created is no time")),
        BadInput(
            "created in 2100, as text", envelope("c", ["created": #""2100-01-01T00:00:00Z""#]), .quarantined("2100")),
        BadInput(
            "created in milliseconds", envelope("c", ["created": "1795478400000"]), .quarantined("created is no time")),
        BadInput(
            "created at half a second", envelope("c", ["created": "1795478400.5"]), .quarantined("created is no time")),
        BadInput(
            "created at 2^63", envelope("c", ["created": "9223372036854775808"]), .quarantined("created is no time")),
        BadInput("created at 1e300", envelope("c", ["created": "1e300"]), .quarantined("created is no time")),
        BadInput("created as a word", envelope("c", ["created": #""yesterday""#]), .quarantined("created is no time")),
        BadInput(
            "created as digits in text", envelope("c", ["created": #""1795478400""#]),
            .quarantined("created is no time")),
        BadInput(
            "created far away", envelope("c", ["created": #""999999999999-01-01T00:00:00Z""#]), .quarantined("created")),
        BadInput(
            "created long ago", envelope("c", ["created": #""-290000-01-01T00:00:00Z""#]), .quarantined("created")),
        BadInput("created as a list", envelope("c", ["created": "[1795478400]"]), .quarantined("created is no time")),
        BadInput("created as true", envelope("c", ["created": "true"]), .quarantined("created is no time")),
    ]

    /// Strange but valid events.
    static let strange: [BadInput] = [
        BadInput("an id of 255", envelope("s1", ["id": #""evt_\#(long)""#]), .ignored("unhandled_type")),
        BadInput("created in 1970", envelope("s2", ["created": "0"]), .ignored("unhandled_type")),
        BadInput("created in 2099", envelope("s3", ["created": "4102444799"]), .ignored("unhandled_type")),
        BadInput("created as 1.7954784e9", envelope("s4", ["created": "1.7954784e9"]), .ignored("unhandled_type")),
        BadInput("an unknown type", envelope("s5", ["type": #""x""#]), .ignored("unhandled_type")),
        BadInput("a type with quotes", envelope("s6", ["type": #""a\"b\\c{}=""#]), .ignored("unhandled_type")),
        BadInput("63 levels more", envelope("s7", ["z": nested(63, "[", "", "]")]), .ignored("unhandled_type")),
        BadInput(
            "brackets in a text", envelope("s8", ["z": "\"\(nested(500, "[", "", ""))\""]), .ignored("unhandled_type")),
        BadInput(
            "a thin event of v2", thin("s9", "v1.billing.meter.error_report_triggered"), .ignored("unhandled_type")),
        BadInput("a thin event of a type that matters", thin("s10", "invoice.paid"), .failed("livemode is missing")),
        BadInput(
            "the same in live mode", thin("s11", "invoice.paid", #","livemode":true"#),
            .failed("data.object is missing")),
        BadInput(
            "no data", envelope("s12", ["type": #""invoice.paid""#, "data": nil]), .failed("data.object is missing")),
        BadInput(
            "data null", envelope("s13", ["type": #""invoice.paid""#, "data": "null"]), .failed("data.object is miss")),
        BadInput(
            "data a text", envelope("s14", ["type": #""invoice.paid""#, "data": #""x""#]),
            .failed("data.object is miss")),
        BadInput(
            "data.object a list", envelope("s15", ["type": #""invoice.paid""#, "data": #"{"object":[]}"#]),
            .failed("data.object is missing")),
        BadInput("no data and nothing to do", envelope("s16", ["data": nil]), .ignored("unhandled_type")),
        BadInput(
            "an empty object", envelope("s17", ["type": #""invoice.paid""#]), .failed("data.object.id is missing")),
        BadInput(
            "livemode as text", envelope("s18", ["type": #""invoice.paid""#, "livemode": #""true""#]),
            .failed("livemode")),
        BadInput(
            "test mode", envelope("s19", ["type": #""invoice.paid""#, "livemode": "false"]), .ignored("wrong_mode")),
        BadInput("an account", envelope("s20", ["account": #""acct_1""#]), .ignored("foreign_account")),
        BadInput(
            "an account with \\u0000", envelope("s21", ["account": #""acct_\u0000""#]), .ignored("foreign_account")),
        BadInput(
            "an account that is an object", envelope("s22", ["account": #"{"id":"acct_1"}"#]),
            .ignored("foreign_account")),
        BadInput(
            "a version with \\u0000", envelope("s23", ["api_version": #""2026\u0000""#]), .ignored("unhandled_type")),
        BadInput(
            "a member name with \\u0000", envelope("s24", [#"\u0000"#: #""\u0000""#]), .ignored("unhandled_type")),
        BadInput(
            "a number beyond all of them", envelope("s25", ["z": "123456789012345678901234567890"]),
            .ignored("unhandled_type")),
        BadInput("a number beyond 1e308", envelope("s26", ["z": "1e999"]), .quarantined("not JSON")),
        BadInput("a number too small", envelope("s27", ["z": "1e-999"]), .ignored("unhandled_type")),
        BadInput("minus nothing", envelope("s28", ["z": "-0"]), .ignored("unhandled_type")),
        BadInput(
            "every escape", envelope("s29", ["z": #""\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00""#]), .ignored("unhandled_type")
        ),
    ]

    /// Events of handled types, with fields that their rule cannot use.
    static let unusable: [BadInput] = [
        BadInput(
            "an invoice id with \\u0000", invoice("f1", ["id": #""in_\u0000""#]), .failed("data.object.id is no id")),
        BadInput(
            "a customer with \\u0000", invoice("f2", ["customer": #""cus_\u0000""#]), .failed("customer is no id")),
        BadInput("a customer of 256", invoice("f3", ["customer": #""cus_\#(long)x""#]), .failed("customer is no id")),
        BadInput("a customer with an umlaut", invoice("f4", ["customer": #""cus_ü""#]), .failed("customer is no id")),
        BadInput("a customer in another alphabet", invoice("f5", ["customer": #""сus_1""#]), .failed("no id")),
        BadInput("an empty customer", invoice("f6", ["customer": "\"\""]), .failed("customer is no id")),
        BadInput("a customer 5", invoice("f7", ["customer": #"5"#]), .failed("customer is no id")),
        BadInput("a customer without an id", invoice("f8", ["customer": #"{}"#]), .failed("customer is no id")),
        BadInput("no customer", invoice("f9", ["customer": #"null"#]), .failed("customer is missing")),
        BadInput(
            "SQL for a customer", invoice("f10", ["customer": #""'; DROP SCHEMA tollgate --""#]), .failed("no id")),
        BadInput("a subscription with \\u0000", invoice("f11", ["subscription": #""\u0000""#]), .failed("no id")),
        BadInput(
            "a billing reason with \\u0000", invoice("f12", ["billing_reason": #""a\u0000b""#]),
            .failed("billing_reason is no text")),
        BadInput("an amount beyond 2^63", invoice("f0", ["amount_paid": "99999999999999999999"]), .failed("64 bits")),
        BadInput("credits beyond 2^63", intent("f13", credits: "9223372036854775808"), .failed("metadata.credits")),
        BadInput(
            "credits of 2^63 as text", intent("f14", credits: #""9223372036854775808""#), .failed("metadata.credits")),
        BadInput(
            "credits of 20 digits", intent("f15", credits: #""00000000000000000005""#), .failed("metadata.credits")),
        BadInput("credits of 10^16", intent("f16", credits: #""10000000000000000""#), .failed("metadata.credits")),
        BadInput("credits of 1e18", intent("f17", credits: "1e18"), .failed("metadata.credits")),
        BadInput("half a credit", intent("f18", credits: "0.5"), .failed("metadata.credits")),
        BadInput("no credits at all", intent("f19", credits: #""0""#), .failed("metadata.credits")),
        BadInput("credits below nothing", intent("f20", credits: #""-5""#), .failed("metadata.credits")),
        BadInput("credits with a sign", intent("f21", credits: #""+5""#), .failed("metadata.credits")),
        BadInput("credits with \\u0000", intent("f22", credits: #""5\u0000""#), .failed("metadata.credits")),
        BadInput("credits in full-width digits", intent("f23", credits: #""５""#), .failed("metadata.credits")),
        BadInput("credits with a space", intent("f24", credits: #"" 5""#), .failed("metadata.credits")),
        BadInput("true credits", intent("f25", credits: "true"), .failed("metadata.credits")),
        BadInput("a list of credits", intent("f26", credits: "[5]"), .failed("metadata.credits")),
        BadInput(
            "a period end beyond all calendars", invoiceEnding("f27", "9223372036854775807"), .failed("period.end")),
        BadInput("a period end of 1e15", invoiceEnding("f28", "1000000000000000"), .failed("period.end")),
        BadInput(
            "a period end before all calendars", invoiceEnding("f29", "-9223372036854775808"), .failed("period.end")),
        BadInput("a period end in the year 10000", invoiceEnding("f30", "253402300800"), .failed("period.end")),
        BadInput("a period that ends at half a second", invoiceEnding("f31", "1798070400.5"), .failed("period.end")),
        BadInput("a period that ends in a word", invoiceEnding("f32", #""soon""#), .failed("period.end")),
        BadInput("lines that are none", invoice("f33", ["lines": #"{"data":"none"}"#]), .failed("lines is no list")),
        BadInput(
            "lines that are numbers", invoice("f34", ["lines": #"{"data":[1,null,"x"]}"#]),
            .failed(
                #"lines.data.0 is no object: 1; data.object.lines.data.1 is no object; data.object.lines.data.2 is no object: "x""#
            )),
        BadInput(
            "a billing reason of 100,000 letters", invoice("f35", ["billing_reason": #""\#(wide)""#]),
            .failed("billing_reason is no text")),
    ]

    /// Strange events that are processed.
    static let usable: [BadInput] = [
        BadInput(
            "amounts beyond 2^63 where nobody looks", invoice("p1", ["tax": #"99999999999999999999"#]), .processed),
        BadInput("\\u0000 where nobody looks", intent("p2", credits: "5", ["description": #""\u0000""#]), .processed),
        BadInput("metadata with \\u0000", intent("p3", credits: #""5","\u0000":"\u0000""#), .processed),
        BadInput("credits as a number", intent("p4", credits: "5"), .processed),
        BadInput("failed in 1970", envelope1970("p9"), .processed),
    ]
}
