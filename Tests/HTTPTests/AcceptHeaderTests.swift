// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTP

@Suite struct AcceptHeaderTests {
    private static let offers = ["application/json", "text/csv", "text/html"]

    @Test(
        arguments: [
            (nil, "application/json"), ("", "application/json"), ("*/*", "application/json"), ("text/csv", "text/csv"),
            ("TEXT/HTML", "text/html"), (" text/csv ; q=0.1", "text/csv"), ("text/*", "text/csv"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
            ("text/csv;q=0.5, text/html;q=0.7", "text/html"), ("text/*;q=0.2, application/json;q=0.1", "text/csv"),
            ("text/csv, application/json", "application/json"), ("*/*;q=0.1, text/csv;q=0", "application/json"),
            ("*/*, application/json;q=0", "text/csv"), ("text/csv; charset=utf-8", "text/csv"),
            ("text/*, text/csv;q=0", "text/html"), ("nonsense", "application/json"),
            ("image/png, */*;q=0.01", "application/json"),
        ] as [(String?, String)])
    func `the form is what the client likes most, and its closest range counts`(_ accept: String?, _ form: String) {
        #expect(AcceptHeader(accept).preferred(of: Self.offers) == form)
    }

    @Test(arguments: [
        "image/png", "application/xml;q=1", "text/csv;q=0", "*/*;q=0", "application/pdf, image/*", "text/plain",
    ])
    func `what is not there is nothing`(_ accept: String) {
        #expect(AcceptHeader(accept).preferred(of: Self.offers) == nil)
    }
}
