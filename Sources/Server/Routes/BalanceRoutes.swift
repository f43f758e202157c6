// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Store

/// `/v1/customers/{customer}/balance`: what a customer has to spend.
struct BalanceRoutes: Sendable {
    let balances: BalanceReader
    let reads: GatewayReads

    func register(on routes: OperationRoutes) {
        routes.on(BalanceAPI.show) { call in
            guard let balance = try await reads({ try await balances.balance(of: call.parameters.customer) }) else {
                throw ProblemDetails.unknownCustomer
            }
            return BalanceDocument.balance(balance)
        }
    }
}
