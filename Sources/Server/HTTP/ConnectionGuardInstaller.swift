import NIOCore
import NIOHTTP1

/// Hummingbird adds handlers of ours behind its own HTTP types only; this one puts the guard next to the parser and the
/// direct routes next to the guard, and leaves.
final class ConnectionGuardInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limits: ListenerLimits
    private let headMemory: MemoryBudget
    private let direct: DirectRouteTable

    /// - Parameter headMemory: shared by all connections of the listener.
    init(limits: ListenerLimits, headMemory: MemoryBudget, direct: DirectRouteTable) {
        self.limits = limits
        self.headMemory = headMemory
        self.direct = direct
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let pacer = RequestPacer(limits: limits, headMemory: headMemory)
            let `guard` = ConnectionGuard(limits: limits, pacer: pacer)
            try pipeline.addHandler(pacer, position: .first)
            try pipeline.addHandler(`guard`, position: .after(parser))
            if !direct.isEmpty { try pipeline.addHandler(DirectResponder(table: direct), position: .after(`guard`)) }
            try bound(context.channel)
            pipeline.removeHandler(context: context, promise: nil)
        } catch {
            // Without the guard nothing bounds this connection.
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    /// What NIO itself keeps for a connection.
    private func bound(_ channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        // One read, then a look at whether another is wanted.
        try options.setOption(.maxMessagesPerRead, value: 1)
        let reads = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 4096, maximum: limits.readSize)
        try options.setOption(.recvAllocator, value: reads)
        let unread = ChannelOptions.Types.WriteBufferWaterMark(low: limits.unreadSize / 2, high: limits.unreadSize)
        try options.setOption(.writeBufferWaterMark, value: unread)
    }
}
