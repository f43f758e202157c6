import Hummingbird
import Store

/// `GET /v1/customers/{customer}/access`: the flag, for gateways.
struct AccessRoute: Sendable {
    let store: Store

    func register(on routes: some RouterMethods<ListenerContext>) {
        routes.get("/v1/customers/{customer}/access") { _, context in
            let customer = try context.id("customer")
            guard let answer = try await store.access(of: customer) else { throw ProblemDetails.unknownCustomer }
            return Response.document(CustomerDocument.access(answer))
        }
    }
}
