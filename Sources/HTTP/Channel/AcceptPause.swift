// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

/// Pauses after a connection could not be accepted for lack of descriptors or memory: the connection stays in the
/// queue, and the system would report it again at once, over and over.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Channel

    private static let length: TimeAmount = .milliseconds(250)

    private let logger: Logger
    private var lastLine: NIODeadline?

    init(logger: Logger) {
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is IOError {
            let channel = context.channel
            channel.setOption(.autoRead, value: false).whenSuccess {
                channel.eventLoop.scheduleTask(in: Self.length) {
                    channel.setOption(.autoRead, value: true)
                }
            }
            if lastLine.map({ NIODeadline.now() - $0 > .seconds(60) }) ?? true {
                lastLine = .now()
                logger.error("a connection cannot be accepted", metadata: ["error": "\(error)"])
            }
        }
        context.fireErrorCaught(error)
    }
}
