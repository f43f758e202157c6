// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL
import Notation

/// The certificates that a server presents, trusted or not. No request is sent.
enum ShownCertificates {
    private struct NoneShown: Error {}

    private static let limit: TimeAmount = .seconds(5)

    /// - Returns: their validity periods, the server's own first; none if they could not be fetched.
    static func validity(at url: String) async -> [TLSFault.Validity] {
        guard let address = URL(string: url), let host = address.host else { return [] }
        do {
            return try await certificates(of: host, port: address.port ?? 443).map { certificate in
                TLSFault.Validity(
                    begin: Timestamp(seconds: Int64(certificate.notValidBefore)),
                    end: Timestamp(seconds: Int64(certificate.notValidAfter)))
            }
        } catch {
            // The caller already has an error to report.
            return []
        }
    }

    private static func certificates(of host: String, port: Int) async throws -> [NIOSSLCertificate] {
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        // TLS allows no IP address as the server name (SNI).
        let name = (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil
        let group = MultiThreadedEventLoopGroup.singleton
        let shown = group.any().makePromise(of: [NIOSSLCertificate].self)
        do {
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(limit)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(
                            context: context, serverHostname: name,
                            customVerificationCallback: { certificates, verification in
                                shown.succeed(certificates)
                                verification.succeed(.failed)
                            })
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: host, port: port).get()
            channel.closeFuture.whenComplete { _ in shown.fail(NoneShown()) }
            channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        } catch {
            shown.fail(error)
        }
        return try await shown.futureResult.get()
    }
}
