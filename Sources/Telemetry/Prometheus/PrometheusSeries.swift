// SPDX-License-Identifier: Apache-2.0

/// The values of one metric under one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
    static var kind: PrometheusKind { get }

    /// Appends whole lines. `labels` is `{a="b"}` or empty.
    func write(to text: inout String, name: String, labels: String)
}
