// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The way back to the client. What comes after the first answer, or after the end of the connection, is dropped.
package struct HotReply: Sendable {
    private let exchange: NIOLoopBound<HotExchange>

    init(_ exchange: HotExchange, on loop: any EventLoop) {
        self.exchange = NIOLoopBound(exchange, eventLoop: loop)
    }

    /// - Parameter answer: called on the event loop, so that it holds up no other thread.
    package func callAsFunction(_ answer: @escaping @Sendable () -> HotAnswer) {
        let loop = exchange.eventLoop
        if loop.inEventLoop {
            exchange.value.finish(with: answer())
        } else {
            loop.execute { exchange.value.finish(with: answer()) }
        }
    }

    package func callAsFunction(_ answer: HotAnswer) {
        let loop = exchange.eventLoop
        if loop.inEventLoop {
            exchange.value.finish(with: answer)
        } else {
            loop.execute { exchange.value.finish(with: answer) }
        }
    }
}
