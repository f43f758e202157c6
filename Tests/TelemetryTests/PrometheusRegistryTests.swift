// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Testing

@testable import Telemetry

@Suite struct PrometheusRegistryTests {
    @Test("an empty registry renders nothing")
    func empty() {
        #expect(PrometheusRegistry().render() == "")
    }

    @Test("a counter ends in _total, once, and carries its help")
    func counter() {
        let registry = PrometheusRegistry(help: ["tollgate.events": "Events received.", "tollgate_acks_total": "Acks."])
        Counter(label: "tollgate.events", factory: registry).increment(by: 41)
        Counter(label: "tollgate.events", factory: registry).increment()
        Counter(label: "tollgate_acks_total", factory: registry).increment()
        #expect(
            registry.render() == """
                # HELP tollgate_acks_total Acks.
                # TYPE tollgate_acks_total counter
                tollgate_acks_total 1
                # HELP tollgate_events_total Events received.
                # TYPE tollgate_events_total counter
                tollgate_events_total 42

                """
        )
    }

    @Test("a counter never falls")
    func counterNeverFalls() {
        let registry = PrometheusRegistry()
        let counter = FloatingPointCounter(label: "c", factory: registry)
        counter.increment(by: 2.5)
        registry.makeCounter(label: "c", dimensions: []).increment(by: -1)
        for amount in [-1, Double.nan, .infinity] {
            registry.makeFloatingPointCounter(label: "c", dimensions: []).increment(by: amount)
        }
        #expect(registry.render() == "# TYPE c_total counter\nc_total 2.5\n")
    }

    @Test("equal labels are one series in any order of their dimensions, and series are ordered")
    func series() {
        let registry = PrometheusRegistry()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("a", "0")], factory: registry).increment()
        Counter(label: "c", factory: registry).increment()
        #expect(
            registry.render() == """
                # TYPE c_total counter
                c_total 1
                c_total{a="0"} 1
                c_total{a="1",b="2"} 2

                """
        )
    }

    @Test("a destroyed counter keeps its total, for its series may have other users")
    func destroyed() {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "c", factory: registry)
        counter.increment()
        counter.destroy()
        Counter(label: "c", factory: registry).increment()
        #expect(registry.render().contains("c_total 2\n"))
    }

    @Test("a timer is a histogram in seconds with inclusive bounds")
    func timer() {
        let registry = PrometheusRegistry(help: ["http": "Time."], seconds: [1, 0.0005, 0.1])
        let timer = Timer(label: "http", dimensions: [("path", "/")], factory: registry)
        timer.recordNanoseconds(500_000)
        timer.recordMilliseconds(100)
        timer.recordNanoseconds(100_000_001)
        timer.recordSeconds(2)
        #expect(
            registry.render() == """
                # HELP http_seconds Time.
                # TYPE http_seconds histogram
                http_seconds_bucket{path="/",le="0.0005"} 1
                http_seconds_bucket{path="/",le="0.1"} 2
                http_seconds_bucket{path="/",le="1"} 3
                http_seconds_bucket{path="/",le="+Inf"} 4
                http_seconds_sum{path="/"} 2.200500001
                http_seconds_count{path="/"} 4

                """
        )
    }

    @Test("a histogram without labels has le alone")
    func plainHistogram() {
        let registry = PrometheusRegistry(sizes: [2])
        Recorder(label: "batch", factory: registry).record(2)
        Recorder(label: "batch", factory: registry).record(Double.nan)
        #expect(
            registry.render() == """
                # TYPE batch histogram
                batch_bucket{le="2"} 1
                batch_bucket{le="+Inf"} 1
                batch_sum 2
                batch_count 1

                """
        )
    }

    @Test("the default buckets reach from half a millisecond to ten seconds")
    func defaultBuckets() {
        let registry = PrometheusRegistry()
        Timer(label: "t", factory: registry).recordNanoseconds(-5)
        let text = registry.render()
        #expect(text.contains("t_seconds_bucket{le=\"0.0005\"} 1\n"))
        #expect(text.contains("t_seconds_bucket{le=\"10\"} 1\n"))
        #expect(text.contains("t_seconds_sum 0\n"))
    }

    @Test("a gauge is what it was last set to")
    func gauge() {
        let registry = PrometheusRegistry()
        let gauge = Gauge(label: "g", factory: registry)
        gauge.record(3)
        gauge.record(0.25)
        let meter = Meter(label: "m", factory: registry)
        meter.set(10)
        meter.increment(by: 5)
        meter.decrement(by: 1)
        #expect(registry.render() == "# TYPE g gauge\ng 0.25\n# TYPE m gauge\nm 14\n")
    }

    @Test(
        "values that are no plain numbers are written in the format's words",
        arguments: [
            (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (-0.5, "-0.5"), (1e300, "1e+300"),
            (9_007_199_254_740_992, "9007199254740992"), (0, "0"),
        ]
    )
    func numbers(value: Double, text: String) {
        let rendered = PrometheusRegistry().render(extra: [ScrapedValue("g", value: value)])
        #expect(rendered == "# TYPE g gauge\ng \(text)\n")
    }

    @Test(
        "label values are escaped, so that none can end its line",
        arguments: [
            ("a\\b", #"a\\b"#), ("a\"b", #"a\"b"#), ("a\nb", #"a\nb"#), ("a\r\nb", "a\r\\nb"), ("ü🔑", "ü🔑"), ("", ""),
            ("\"} 1\nfake 2", #"\"} 1\nfake 2"#),
        ]
    )
    func labelEscaping(value: String, escaped: String) {
        let registry = PrometheusRegistry()
        Counter(label: "c", dimensions: [("l", value)], factory: registry).increment()
        #expect(registry.render() == "# TYPE c_total counter\nc_total{l=\"\(escaped)\"} 1\n")
    }

    @Test("help is escaped, quotes stay")
    func helpEscaping() {
        let registry = PrometheusRegistry(help: ["c": "one\ntwo \\ \"three\""])
        Counter(label: "c", factory: registry).increment()
        #expect(registry.render().hasPrefix("# HELP c_total one\\ntwo \\\\ \"three\"\n"))
    }

    @Test(
        "names are made of the characters that Prometheus allows",
        arguments: [
            ("a.b-c d", "a_b_c_d"), ("9lives", "_9lives"), ("", "_"), ("ü", "_"), ("a:b", "a:b"), ("a\nb", "a_b"),
        ]
    )
    func names(label: String, name: String) {
        let rendered = PrometheusRegistry().render(extra: [ScrapedValue(label, value: 1)])
        #expect(rendered == "# TYPE \(name) gauge\n\(name) 1\n")
    }

    @Test("label names are too, and a label cannot pose as a bucket's bound")
    func labelNames() {
        let registry = PrometheusRegistry(sizes: [1])
        let dimensions = [("le", "0"), ("a.b", "1"), ("a:b", "2"), ("0", "3")]
        Recorder(label: "r", dimensions: dimensions, factory: registry).record(1)
        #expect(registry.render().contains(#"r_bucket{_0="3",a_b="2",le_="0",le="1"} 1"#))
    }

    @Test("one name under two kinds becomes two families")
    func kinds() {
        let registry = PrometheusRegistry(sizes: [1])
        Gauge(label: "x", factory: registry).record(1)
        Recorder(label: "x", factory: registry).record(1)
        Recorder(label: "x", factory: registry).record(1)
        let types = registry.render().split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(types == ["# TYPE x gauge", "# TYPE x_histogram histogram"])
        #expect(registry.render().contains("x_histogram_count 2\n"))
    }

    @Test("values of the scrape stand in their place, and leave nothing behind")
    func scraped() {
        let registry = PrometheusRegistry(help: ["b": "B."])
        Gauge(label: "b", dimensions: [("s", "1")], factory: registry).record(1)
        Counter(label: "z", factory: registry).increment()
        let before = registry.render()
        let text = registry.render(extra: [
            ScrapedValue("b", labels: [("s", "2")], value: 2),
            ScrapedValue("queue.depth", help: "Waiting.", labels: [("state", "failed")], value: 0),
            ScrapedValue("queue.depth", help: "Waiting.", labels: [("state", "pending")], value: 7),
            ScrapedValue("z_total", value: 5),
            ScrapedValue("z_seconds_total", .counter, value: 1.5),
        ])
        #expect(
            text == """
                # HELP b B.
                # TYPE b gauge
                b{s="1"} 1
                b{s="2"} 2
                # HELP queue_depth Waiting.
                # TYPE queue_depth gauge
                queue_depth{state="failed"} 0
                queue_depth{state="pending"} 7
                # TYPE z_seconds_total counter
                z_seconds_total 1.5
                # TYPE z_total counter
                z_total 1
                # TYPE z_total_gauge gauge
                z_total_gauge 5

                """
        )
        #expect(registry.render() == before)
    }

    @Test("no increment is lost among parallel tasks, also while others render")
    func parallel() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<20 {
                group.addTask {
                    for number in 0..<500 {
                        let type = "\(number % 3)"
                        Counter(label: "c", dimensions: [("type", type)], factory: registry).increment()
                        Timer(label: "t", factory: registry).recordNanoseconds(1_000_000)
                        if number % 100 == task { _ = registry.render() }
                    }
                }
            }
        }
        let text = registry.render()
        #expect(text.contains("c_total{type=\"0\"} 3340\n"))
        #expect(text.contains("c_total{type=\"2\"} 3320\n"))
        #expect(text.contains("t_seconds_count 10000\n"))
    }
}
