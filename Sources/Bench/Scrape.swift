// SPDX-License-Identifier: Apache-2.0

import Console
import NIOCore

/// One reading of a server's `/metrics`.
struct Scrape: Sendable {
    private let lines: [Substring]

    init(_ text: String) {
        lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    /// - Parameter base: the private listener.
    static func read(_ base: String) async throws -> Scrape {
        let answer = try await ServiceClient.with(base: base, timeout: .seconds(10)) { service in
            try await service.send(.GET, "/metrics")
        }
        guard answer.isSuccess else {
            throw ServiceError.refused(request: "GET \(base)/metrics", status: answer.status, body: answer.body)
        }
        return Scrape(answer.body)
    }

    /// A number of things; nil if the value is not one, or beyond what floating point distinguishes.
    static func count(_ value: Double) -> Int? {
        (0..<0x1p53).contains(value) ? Int(value) : nil
    }

    /// A metric's value, summed over its labels; nil if it has none.
    /// - Parameter label: count only series with this, such as `outcome="failed"`.
    func value(_ name: String, label: String? = nil) -> Double? {
        let values = lines.compactMap { line -> Double? in
            guard line.hasPrefix(name), let next = line.dropFirst(name.count).first, next == " " || next == "{",
                label.map({ line.contains($0) }) ?? true
            else { return nil }
            return line.split(separator: " ").last.flatMap { Double($0) }
        }
        return values.isEmpty ? nil : values.reduce(0, +)
    }
}
