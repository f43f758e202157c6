// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing
import UnixSignals

@testable import tollgate

@Suite struct StopTests {
    @Test
    func `the first signal asks for an end, a second one ends at once, and a closing terminal is never impatient`() {
        let cases: [(StopRequests.Hangup, [UnixSignal], [StopRequests.Action])] = [
            (.stops, [.sigint, .sigint], [.stop, .stopAtOnce]),
            (.stops, [.sigterm, .sigint], [.stop, .stopAtOnce]),
            (.stops, [.sighup, .sighup, .sigterm, .sigterm], [.stop, .nothing, .nothing, .stopAtOnce]),
            (.stops, [.sigterm, .sighup], [.stop, .nothing]),
            (.isNoted, [.sighup, .sighup, .sigterm, .sighup], [.note, .note, .stop, .note]),
        ]
        for (hangup, signals, actions) in cases {
            var state = StopRequests(hangup: hangup)
            #expect(signals.map { state.received($0) } == actions, "\(signals)")
        }
    }

    @Test func `SIGHUP changes nothing in a server without a terminal, and is noted`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                server.program.send(SIGHUP)
                _ = try await server.program.logged(
                    "SIGHUP changes nothing: settings and secrets are read at the start; restart to change them")
                #expect(try await server.shell("healthcheck").code == 0)
                server.program.send(SIGTERM)
                #expect(try await server.program.ended().code == 0)
            }
        }
    }

    @Test func `a server that is asked to stop ends the streams that it sends`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let port = try #require(server.privateURL.split(separator: ":").last.flatMap { Int($0) })
                try await HTTPConnection.with(port: port) { connection in
                    try await connection.send(
                        "GET /v1/changes/stream HTTP/1.1\r\nHost: test\r\n"
                            + "Authorization: Bearer \(RunningServer.gatewayToken)\r\n\r\n")
                    _ = try await connection.text(until: "event: checkpoint\n")
                    server.program.send(SIGTERM)
                    #expect(try await connection.rest().hasSuffix("0\r\n\r\n"))
                    let ended = try await server.program.ended()
                    #expect(ended.code == 0 && ended.errors.contains("stopped"), "\(ended.errors)")
                }
            }
        }
    }

    @Test func `a server whose terminal is closed stops in good order`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let environment = RunningServer.environment(database.url)
                let terminal = try PseudoTerminal()
                try await Program.with(["serve"], environment: environment, in: folder, on: terminal) { program in
                    try await eventually("ready") { program.errors.contains(" ready ") ? true : nil }
                    program.send(SIGHUP)
                    let ended = try await program.ended()
                    #expect(ended.code == 0)
                    #expect(ended.errors.contains(" stopped\n"), "\(ended.errors)")
                }
            }
        }
    }

    @Test func `a server that hangs in the look-up of a name ends in time all the same`() async throws {
        try await TemporaryFolder.with { folder in
            let lookUp = try await SilentLookUp(in: folder)
            let environment = RunningServer.environment("postgres://tollgate@\(SilentLookUp.host)/tollgate")
                .merging(lookUp.environment) { $1 }
            try await Program.with(["serve"], environment: environment, in: folder) { program in
                _ = try await program.logged("ready")
                try lookUp.fallSilent()
                try await eventually("a look-up that hangs") { lookUp.hangs ? true : nil }
                program.send(SIGTERM)
                let ended = try await program.ended()
                #expect(ended.code == 1)
                #expect(ended.errors.contains("did not end in time: stopped at once"), "\(ended.errors)")
            }
        }
    }
}
