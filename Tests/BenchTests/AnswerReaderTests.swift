// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Bench

@Suite struct AnswerReaderTests {
    /// What a reader returns for pieces that arrive one after the other.
    private func read(_ pieces: [String], isEnd: Bool = false) -> [String] {
        var reader = AnswerReader()
        var steps: [String] = []
        for (index, piece) in pieces.enumerated() {
            Array(piece.utf8).withUnsafeBytes { bytes in
                reader.read(bytes, isEnd: isEnd && index == pieces.count - 1) { step in
                    switch step {
                    case .incomplete: steps.append("…")
                    case .malformed: steps.append("malformed")
                    case .answer(let status, let word, let closes):
                        steps.append("\(status) \(String(decoding: word, as: UTF8.self))\(closes ? " closes" : "")")
                    }
                }
            }
        }
        return steps
    }

    private static let accepted =
        "HTTP/1.1 200 OK\r\ncontent-length: 22\r\nDate: now\r\n\r\n{\"outcome\":\"accepted\"}"

    @Test func `an answer is its status and its outcome`() {
        #expect(read([Self.accepted]) == ["200 accepted"])
        #expect(read([Self.accepted, Self.accepted]) == ["200 accepted", "200 accepted"])
    }

    @Test func `a problem is its status and its code`() {
        let body = #"{"code":"signature_mismatch","status":400}"#
        let answer =
            "HTTP/1.1 400 Bad Request\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        #expect(read([answer]) == ["400 signature_mismatch closes"])
    }

    @Test func `an answer may come in any two pieces`() {
        for cut in 1..<Self.accepted.count {
            let pieces = [String(Self.accepted.prefix(cut)), String(Self.accepted.dropFirst(cut))]
            #expect(read(pieces) == ["…", "200 accepted"], "\(cut)")
        }
    }

    @Test func `an answer may be chunked, empty, or end with its connection`() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n"
        #expect(read([chunked, "0\r\n\r\n"]) == ["…", "200 "])
        #expect(read(["HTTP/1.1 204 No Content\r\n\r\n"]) == ["204 "])
        #expect(read(["HTTP/1.0 200 OK\r\n\r\nOK", ""], isEnd: true) == ["…", "200  closes"])
    }

    @Test(arguments: ["Transfer-Encoding: chunked", "Content-Length: 99999999", "Connection: close"])
    func `an answer beyond a mebibyte is malformed, whatever its head says`(_ field: String) {
        let piece = String(repeating: "x", count: 1 << 19)
        #expect(read(["HTTP/1.1 200 OK\r\n\(field)\r\n\r\n", piece, piece]) == ["…", "…", "malformed"])
    }

    @Test func `what is no HTTP, or ends too soon, is malformed`() {
        #expect(read(["SSH-2.0-OpenSSH\r\n\r\n"]) == ["malformed"])
        #expect(read(["HTTP/1.1 abc\r\n\r\n"]) == ["malformed"])
        #expect(read([String(Self.accepted.dropLast(3)), ""], isEnd: true) == ["…", "malformed"])
    }
}
