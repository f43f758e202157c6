// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Metering
import NIOCore
import NIOHTTP1

/// A route by which gateways spend one customer's credits. Each call of a client takes two of these requests, so they are
/// read and answered on the event loop, and only the database is waited for.
struct SpendingRoute: HotRoute {
    /// What a body asks for.
    enum Wanted: Sendable {
        case act(Spending.Act)
        /// A hold of what a call will cost at most.
        case estimated(EstimateRequest, terms: @Sendable (_ amount: Int64) throws(ProblemDetails) -> Hold.Terms)
    }

    typealias Read = @Sendable (BodyObject?) throws(ProblemDetails) -> Wanted
    /// What a gateway is told of it.
    typealias Write = @Sendable (SpendingResult, _ customer: String, Estimate?) -> HotAnswer

    private struct Asked {
        let customer: String
        let id: String
        let wanted: Wanted
    }

    let method: HTTPMethod
    let path: HotPath
    let bodyLimit: BodyLimit
    let memory: BodyMemory?

    private let shared: Shared
    private let names: (customer: String, id: String)
    private let fields: Set<String>
    private let read: Read
    private let write: Write

    /// What all of them share.
    struct Shared: Sendable {
        let authentication: BearerAuthentication
        let spending: SpendingRequests
        let estimates: Estimates
        /// What large bodies take, of all at once.
        let memory = BodyMemory(bytes: 64 * 1024 * 1024)
    }

    /// - Parameter operation: its path ends with the customer's id, and that of the hold or debit.
    init<Path, Body, Answer>(
        _ operation: Operation<Path, Body, Answer>,
        _ shared: Shared,
        read: @escaping Read,
        write: @escaping Write
    ) {
        let endpoint = operation.endpoint
        precondition(endpoint.caller.tokenKind == .gateway, "\(endpoint.id) is not for gateways")
        let ids = Path.form.properties.map(\.name)
        precondition(ids.count == 2 && ids[0] == "customer", "\(endpoint.id) is not about something of a customer's")
        method = endpoint.hotMethod
        path = endpoint.hotPath
        bodyLimit = BodyLimit(bytes: endpoint.bodyLimit)
        memory = shared.memory
        names = (ids[0], ids[1])
        fields = Body.form.names
        self.shared = shared
        self.read = read
        self.write = write
    }

    func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) {
        _ = try shared.authentication.holder(of: headers.value(of: "authorization"))
    }

    func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
        let asked: Asked
        do throws(ProblemDetails) {
            asked = try self.asked(request)
        } catch {
            return reply(HotAnswer(error))
        }
        let (customer, id) = (asked.customer, asked.id)
        switch asked.wanted {
        case .act(let act): spend(Spending(customer: customer, id: id, act), nil, reply)
        case .estimated(let call, let terms):
            Task {
                do {
                    let estimate = try await shared.estimates.estimate(call, of: customer)
                    guard estimate.credits > 0 else { throw ProblemDetails.nothingToHold }
                    let act = Spending.Act.hold(try terms(estimate.credits))
                    spend(Spending(customer: customer, id: id, act), estimate, reply)
                } catch {
                    reply(HotAnswer(to: error, shared.spending.outages))
                }
            }
        }
    }

    private func spend(_ spending: Spending, _ estimate: Estimate?, _ reply: HotReply) {
        shared.spending.spend(spending) { [write] outcome in
            reply {
                switch outcome {
                case .success(let result): write(result, spending.customer, estimate)
                case .failure(let problem): HotAnswer(problem)
                }
            }
        }
    }

    private func asked(_ request: HotRequest<Void>) throws(ProblemDetails) -> Asked {
        if request.target.utf8.contains(UInt8(ascii: "?")) { try Query(target: request.target).allow([]) }
        let customer = try PathParameter.id(names.customer, request.parameters.first)
        let id = try PathParameter.id(names.id, request.parameters.second)
        let isEmpty = fields.isEmpty && request.body.readableBytes == 0
        let body = isEmpty ? nil : try BodyObject(request.body, fields: fields)
        return Asked(customer: customer, id: id, wanted: try read(body))
    }
}
