// SPDX-License-Identifier: Apache-2.0

/// The metric types of the Prometheus text format that are used here, by their names in `# TYPE`.
enum PrometheusKind: String, Sendable {
    case counter, gauge, histogram
}
