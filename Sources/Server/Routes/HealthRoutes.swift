import Hummingbird
import Store
import Stripe

/// What is asked by those who watch over the process: is it alive, is it ready, how is it doing.
struct HealthRoutes: Sendable {
    let store: Store
    let metrics: PrometheusRegistry

    func registerLiveness(on routes: some RouterMethods<ListenerContext>) {
        routes.get("/healthz") { _, _ in Response.document(["status": "alive"]) }
    }

    func register(on routes: some RouterMethods<ListenerContext>) {
        registerLiveness(on: routes)
        routes.get("/readyz") { _, _ in await readiness() }
        routes.get("/metrics") { _, _ in await exposition() }
    }

    /// Ready is who can make events durable.
    private func readiness() async -> Response {
        let isUp: Bool
        let state: String
        do {
            isUp = try await store.isWritable()
            state = isUp ? "up" : "read-only"
        } catch {
            isUp = false
            state = "down"
        }
        return .document(
            [
                "status": isUp ? "ready" : "unready",
                "postgresql": ["state": .string(state)],
                "spool": ["state": "off"],
            ],
            status: isUp ? .ok : .serviceUnavailable
        )
    }

    private func exposition() async -> Response {
        var gauges: [ScrapedGauge] = []
        do {
            let (pending, oldestAge) = try await store.queue()
            let waiting = try await store.countWaitingPurchases()
            let age = oldestAge.components
            gauges = [
                gauge(Metric.postgresUp, 1),
                gauge(Metric.queueDepth, Double(pending)),
                gauge(Metric.queueAge, Double(age.seconds) + Double(age.attoseconds) / 1e18),
                gauge(Metric.purchasesWaiting, Double(waiting)),
            ]
        } catch {
            // A scrape while the database is away still tells the rest, and that it is away.
            gauges = [gauge(Metric.postgresUp, 0)]
        }
        let text = metrics.render(extra: gauges)
        return Response(
            status: .ok,
            headers: [.contentType: PrometheusRegistry.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private func gauge(_ name: String, _ value: Double) -> ScrapedGauge {
        ScrapedGauge(name, help: Metric.help[name], value: value)
    }
}
