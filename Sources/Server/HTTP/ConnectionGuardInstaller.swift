import NIOCore
import NIOHTTP1

/// Hummingbird adds handlers of ours behind its own HTTP types only; this one puts the guard next to the parser and the
/// direct routes next to the guard, and leaves.
final class ConnectionGuardInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limits: ListenerLimits
    private let direct: DirectRouteTable

    init(limits: ListenerLimits, direct: DirectRouteTable) {
        self.limits = limits
        self.direct = direct
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let `guard` = ConnectionGuard(limits: limits)
            try pipeline.addHandler(`guard`, position: .after(parser))
            if !direct.isEmpty { try pipeline.addHandler(DirectResponder(table: direct), position: .after(`guard`)) }
            pipeline.removeHandler(context: context, promise: nil)
        } catch {
            // Without the guard nothing bounds this connection.
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}
