import NIOCore
import NIOHTTP1

/// Hummingbird adds handlers of ours behind its own HTTP types only; this one puts the guard next to the parser, and
/// leaves.
final class ConnectionGuardInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limits: ListenerLimits

    init(limits: ListenerLimits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ConnectionGuard(limits: limits), position: .after(parser))
            pipeline.removeHandler(context: context, promise: nil)
        } catch {
            // Without the guard nothing bounds this connection.
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}
