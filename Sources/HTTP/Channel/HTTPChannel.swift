// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// The pipeline of one connection: the pacer of the client's bytes, the HTTP/1 parser, the connection's handler with
/// the hot routes, and Hummingbird for all other routes.
struct HTTPChannel: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: Responder
    private let limits: ListenerLimits
    /// Shared by all connections of the listener.
    private let headMemory: MemoryBudget
    private let routes: HotRoutes

    init(limits: ListenerLimits, routes: HotRoutes, responder: @escaping Responder) {
        self.responder = responder
        self.limits = limits
        headMemory = MemoryBudget(bytes: limits.headerMemory)
        self.routes = routes
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try bound(channel)
            let pacer = RequestPacer(limits: limits, headMemory: headMemory)
            var parser = NIOHTTPDecoderLimitConfiguration()
            parser.maxHeaderFieldSize = limits.headerSize
            parser.maxHeaderListSize = limits.headerSize
            parser.maxHeaderFieldCount = limits.headerCount
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(pacer)
            // No pipelining assistance: it would keep waiting requests parsed, at many times their size. No error
            // handling and no header validation: both are done further down the pipeline.
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: parser)
            try pipeline.addHandler(ConnectionHandler(limits: limits, pacer: pacer, routes: routes))
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    /// Bounds what NIO itself keeps for a connection.
    private func bound(_ channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        // One read, then a check whether another is wanted.
        try options.setOption(.maxMessagesPerRead, value: 1)
        let reads = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 4096, maximum: limits.readSize)
        try options.setOption(.recvAllocator, value: reads)
        let unread = ChannelOptions.Types.WriteBufferWaterMark(low: limits.unreadSize / 2, high: limits.unreadSize)
        try options.setOption(.writeBufferWaterMark, value: unread)
    }

    func handle(value: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: value, logger: logger)
    }
}
