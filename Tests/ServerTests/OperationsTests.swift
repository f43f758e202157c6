// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Server

/// The endpoints for monitoring the process.
@Suite(.serialized) struct OperationsTests {
    @Test func `alive on both listeners, ready and measured on the private one, without a token`() async throws {
        try await ServerFixture.with { server in
            for answer in [try await server.outside("GET", "/healthz"), try await server.inside("GET", "/healthz")] {
                #expect(answer.status == 200)
                #expect(try answer.json == ["status": "alive"])
            }
            let ready = try await server.inside("GET", "/readyz")
            #expect(ready.status == 200)
            #expect(
                try ready.json == ["status": "ready", "postgresql": ["state": "up"], "spool": ["state": "off"]])
            let metrics = try await server.inside("GET", "/metrics")
            #expect(metrics.status == 200)
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.text.contains("\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total "))
            #expect(
                metrics.text.contains("\n# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes "))
        }
    }

    @Test func `the metrics count what was received and how it ended`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([
                Events.checkout(id: "evt_1"), Events.checkout(id: "evt_2", credits: "lots"),
                Events.event("customer.created", id: "evt_3", object: [:]),
            ])
            try await server.deliver(Events.checkout(id: "evt_1"))
            try await server.deliver(Events.checkout(id: "evt_1"))
            _ = try await server.deliver([0x20])
            _ = try await server.post([0x20], headers: [])
            _ = try await server.gateway("GET", "/v1/customers/cus_1/access")
            _ = try await server.gateway("GET", "/v1/customers/cus_9/access")
            _ = try await server.inside("GET", "/nowhere/\(ServerFixture.adminToken)")
            let text = try await server.inside("GET", "/metrics").text
            let lines = Set(text.split(separator: "\n").map(String.init))
            for line in [
                #"tollgate_events_received_total{outcome="accepted"} 3"#,
                #"tollgate_events_received_total{outcome="duplicate"} 2"#,
                #"tollgate_events_received_total{outcome="quarantined"} 1"#,
                #"tollgate_events_received_total{outcome="missing_signature"} 1"#,
                #"tollgate_events_processed_total{outcome="processed",type="checkout.session.completed"} 1"#,
                #"tollgate_events_processed_total{outcome="failed",type="checkout.session.completed"} 1"#,
                #"tollgate_events_processed_total{outcome="ignored",type="other"} 1"#,
                "tollgate_queue_depth 0",
                "tollgate_queue_oldest_seconds 0",
                "tollgate_postgresql_up 1",
                """
                tollgate_http_request_duration_seconds_count{listener="public",method="POST",\
                route="/webhooks/stripe",status="200"} 6
                """,
                """
                tollgate_http_request_duration_seconds_count{listener="public",method="POST",\
                route="/webhooks/stripe",status="400"} 1
                """,
                """
                tollgate_http_request_duration_seconds_count{listener="private",method="GET",\
                route="/v1/customers/{customer}/access",status="404"} 1
                """,
            ] {
                #expect(lines.contains(line), "\(line)")
            }
            for family in [
                "events_received_total counter", "events_processed_total counter", "queue_depth gauge",
                "queue_oldest_seconds gauge", "http_request_duration_seconds histogram",
            ] {
                #expect(lines.contains("# TYPE tollgate_\(family)"), "\(family)")
            }
            // Neither customers nor text that a stranger wrote into a path.
            #expect(!text.contains("cus_"))
            #expect(!text.contains(ServerFixture.adminToken))
        }
    }

    @Test func `the queue's depth and the age of its oldest event are those of the database`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for id in ["evt_1", "evt_2", "evt_3"] { try await server.deliver(Events.checkout(id: id)) }
            try await server.sql { connection in
                _ = try connection.executeScript(
                    """
                    UPDATE tollgate.event_work SET run_at = now() - interval '1 hour' WHERE event_id = 'evt_2';
                    UPDATE tollgate.event_work SET run_at = now() + interval '1 hour' WHERE event_id = 'evt_3'
                    """
                )
            }
            let lines = try await server.inside("GET", "/metrics").text.split(separator: "\n")
            #expect(lines.contains("tollgate_queue_depth 3"))
            let age = lines.first { $0.hasPrefix("tollgate_queue_oldest_seconds ") }.flatMap {
                Double($0.split(separator: " ")[1])
            }
            #expect((3600..<3660).contains(try #require(age)))
        }
    }

    @Test func `nothing that is unknown is answered on the private listener, with or without a token`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for path in ["/", "/webhooks/stripe", "/admin/v1", "/admin/v1/keys", "/v1/customers/cus_1", "/v2"] {
                for token in [nil, ServerFixture.gatewayToken, ServerFixture.adminToken] {
                    #expect(try await server.inside("GET", path, token: token).summary == "404 not_found", "\(path)")
                }
            }
            for (method, path, allowed) in [
                ("POST", "/v1/customers/cus_1/access", "GET, HEAD"), ("DELETE", "/admin/v1/events", "GET, HEAD"),
                ("GET", "/admin/v1/events/evt_1/replay", "POST"), ("PATCH", "/admin/v1/customers/cus_1", "GET, HEAD"),
                ("POST", "/admin/v1/customers/cus_1/override", "DELETE, PUT"),
                ("GET", "/admin/v1/customers/cus_1/credits", "POST"), ("POST", "/metrics", "GET, HEAD"),
                ("POST", "/readyz", "GET, HEAD"),
            ] {
                let answer = try await server.inside(method, path, token: ServerFixture.adminToken)
                #expect(answer.summary == "405 method_not_allowed", "\(method) \(path)")
                #expect(answer.headers["allow"] == allowed, "\(method) \(path)")
            }
        }
    }
}
