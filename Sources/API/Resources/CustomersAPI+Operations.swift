// SPDX-License-Identifier: Apache-2.0

extension CustomersAPI {
    package static let list = Operation<ListParameters, Nothing, Page>(
        .get, "/admin/v1/customers", id: "listCustomers", by: .admin,
        "List customers by what gateways are told of them",
        links: [
            "showCustomer", "listLedger", "setOverride", "clearOverride", "grantCredits", "showAccess", "showBalance",
            "listHolds",
        ].map {
            Endpoint.Link(operation: $0, parameter: "customer", pointer: "/data/0/customer")
        })

    package static let show = Operation<ShowParameters, Nothing, Statement>(
        .get, "/admin/v1/customers/{customer}", id: "showCustomer", by: .admin,
        "What decides about a customer, and how it came to that", problems: [.unknownCustomer])

    package static let override = Operation<Path, OverrideRequest, Overridden>(
        .put, "/admin/v1/customers/{customer}/override", id: "setOverride", by: .admin,
        "Decide a customer's access by hand", problems: [.unknownCustomer, .untilPassed])

    package static let clearOverride = Operation<Path, Nothing, Cleared>(
        .delete, "/admin/v1/customers/{customer}/override", id: "clearOverride", by: .admin,
        "Let the rules decide again", problems: [.unknownCustomer])

    package static let grant = Operation<GrantParameters, GrantRequest, Grant>(
        .post, "/admin/v1/customers/{customer}/credits", id: "grantCredits", by: .admin,
        "Give a customer credits, or take some back",
        problems: [.missingIdempotencyKey, .invalidIdempotencyKey, .conflict, .untilPassed, .balanceOutOfRange])

    package static let ledger = Operation<LedgerParameters, Nothing, Ledger>(
        .get, "/admin/v1/customers/{customer}/ledger", id: "listLedger", by: .admin,
        "Every entry of a customer's ledger, the newest first", problems: [.unknownCustomer])

    static let endpoints = [
        list.endpoint, show.endpoint, override.endpoint, clearOverride.endpoint, grant.endpoint, ledger.endpoint,
    ]
}
