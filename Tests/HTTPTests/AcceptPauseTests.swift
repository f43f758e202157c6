// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import HTTP

@Suite struct AcceptPauseTests {
    private static let outOfDescriptors = IOError(errnoCode: 24, reason: "accept")

    private func isReading(_ channel: EmbeddedChannel) -> Bool? {
        channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }?.value as? Bool
    }

    @Test func `nothing is accepted for a quarter of a second after an accept that failed`() throws {
        let log = LogRecord()
        let channel = EmbeddedChannel(handler: AcceptPause(logger: log.logger))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        #expect(isReading(channel) == nil)

        channel.pipeline.fireErrorCaught(Self.outOfDescriptors)
        #expect(isReading(channel) == false)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(249))
        #expect(isReading(channel) == false)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(isReading(channel) == true)

        // Every error pauses, but only one line a minute is logged.
        channel.pipeline.fireErrorCaught(Self.outOfDescriptors)
        #expect(isReading(channel) == false)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(250))
        #expect(isReading(channel) == true)
        #expect(log.texts(.error).count == 1)
        #expect(log.texts(.error).first?.hasPrefix("a connection cannot be accepted") == true)
        // The error is passed on to the next handler.
        #expect(throws: IOError.self) { try channel.throwIfErrorCaught() }
    }

    @Test func `what is no trouble of the system's pauses nothing`() throws {
        let log = LogRecord()
        let channel = EmbeddedChannel(handler: AcceptPause(logger: log.logger))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
        #expect(isReading(channel) == nil)
        #expect(log.everything.isEmpty)
        #expect(throws: ChannelError.self) { try channel.throwIfErrorCaught() }
    }
}
