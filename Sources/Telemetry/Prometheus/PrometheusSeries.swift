/// The metric types of the Prometheus text format that are used here, by their names in `# TYPE`.
enum PrometheusKind: String, Sendable {
    case counter, gauge, histogram
}

/// The values of one metric under one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
    static var kind: PrometheusKind { get }

    /// Appends whole lines. `labels` is `{a="b"}` or empty.
    func write(to text: inout String, name: String, labels: String)
}
