// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// Keeps the program's metrics in memory and writes them in the Prometheus text format 0.0.4. Passed to the code that
/// counts as `any MetricsFactory`, so that there is no global state and each test has its own.
///
/// Counters get the suffix `_total`, timers become histograms in seconds with the suffix `_seconds`, gauges and meters
/// become gauges, and recorders become histograms of sizes. One label with the same dimensions is always one series.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    /// The `Content-Type` of what `render` returns.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// From half a millisecond to ten seconds: an acknowledgement's budget is 2 s.
    package static let defaultSeconds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// Batch and body sizes.
    package static let defaultSizes: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536]

    private struct Family {
        let kind: PrometheusKind
        let help: String?
        /// By rendered labels, `{a="b"}`.
        var series: [String: any PrometheusSeries] = [:]
    }

    private let help: [String: String]
    private let seconds: [Double]
    private let sizes: [Double]
    private let families = Mutex<[String: Family]>([:])

    /// - Parameters:
    ///   - help: one sentence per label, as the label is passed to `Counter`, `Timer` and so on.
    ///   - seconds: upper bounds of the buckets of timers, in seconds.
    ///   - sizes: upper bounds of the buckets of recorders.
    package init(
        help: [String: String] = [:],
        seconds: [Double] = defaultSeconds,
        sizes: [Double] = defaultSizes
    ) {
        self.help = help
        self.seconds = seconds.sorted()
        self.sizes = sizes.sorted()
    }

    /// All metrics, ordered by name and labels, together with `extra`, whose values are only known at the scrape.
    package func render(extra: [ScrapedValue] = []) -> String {
        // The series of the registry are shared objects, so the copy is cheap and what follows needs no lock.
        var families = families.withLock { $0 }
        for scraped in extra {
            // Both are written as one number; only their `# TYPE` differs.
            let kind: PrometheusKind = scraped.kind == .counter ? .counter : .gauge
            let name = Self.place(PrometheusText.name(scraped.name), kind, help: scraped.help, in: &families)
            let series = PrometheusGauge()
            series.set(scraped.value)
            families[name]?.series[PrometheusText.labels(scraped.labels)] = series
        }

        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if let help = family.help { text += "# HELP \(name) \(PrometheusText.help(help))\n" }
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(to: &text, name: name, labels: labels)
            }
        }
        return text
    }

    /// The series of this label and these dimensions, created on first use.
    private func series<Series: PrometheusSeries>(
        _ label: String,
        suffix: String = "",
        _ dimensions: [(String, String)],
        make: () -> Series
    ) -> Series {
        let sanitised = PrometheusText.name(label)
        let wanted = sanitised.hasSuffix(suffix) ? sanitised : sanitised + suffix
        let labels = PrometheusText.labels(dimensions)
        return families.withLock { families in
            let name = Self.place(wanted, Series.kind, help: help[label], in: &families)
            if let existing = families[name]?.series[labels] as? Series { return existing }
            let series = make()
            families[name]?.series[labels] = series
            return series
        }
    }

    /// Finds or creates the family, and returns its name: if the wanted name belongs to a family of another kind, which
    /// the format forbids, the kind is appended.
    private static func place(
        _ wanted: String,
        _ kind: PrometheusKind,
        help: String?,
        in families: inout [String: Family]
    ) -> String {
        var name = wanted
        while let family = families[name], family.kind != kind { name += "_\(kind.rawValue)" }
        if families[name] == nil { families[name] = Family(kind: kind, help: help) }
        return name
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, suffix: "_total", dimensions) { PrometheusCounter() }
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, suffix: "_total", dimensions) { PrometheusCounter() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) { PrometheusGauge() }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if !aggregate { return series(label, dimensions) { PrometheusGauge() } }
        return series(label, dimensions) { PrometheusHistogram(bounds: sizes) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, suffix: "_seconds", dimensions) { PrometheusHistogram(bounds: seconds) }
    }

    // Equal labels share one series, and a counter must not restart while others still use it: none is ever dropped.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
