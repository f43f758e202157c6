// SPDX-License-Identifier: Apache-2.0

import Notation

/// What models cost: drafts that operators approve, and the book that calls are charged by.
package enum RatesAPI {
    package enum Status: String, CaseIterable, Sendable {
        case draft, approved
    }

    package enum FindingKind: String, CaseIterable, Sendable {
        case negative, zero, outlier, missing
        case write1hBelow5m = "cache_write_1h_below_5m"
        case readAboveInput = "cache_read_above_input"
    }

    /// Whole lists of prices of others fit.
    package static let bodyLimit = 4 << 20

    // MARK: What is asked

    package struct Path: ObjectContent {
        package static let form = ObjectForm("RateDraftPath", Path())

        // The draft that ships with the program.
        package let id = Property(path: "id", .id("rtd_00000000000000000000000000000001"))
    }

    package struct ListParameters: ObjectContent {
        package static let form = ObjectForm("RateListParameters", ListParameters())

        package let at = Property(query: "at", .moment)
    }

    package struct Request: ObjectContent {
        package static let form = ObjectForm("RateDraftRequest", Request())

        package let rates = Property("rates", .rates)
        package let dryRun = Property(optional: "dry_run", .bool)
    }

    // MARK: What is answered

    package struct Finding: ObjectContent {
        package static let form = ObjectForm("RateFinding", Finding())

        package let kind = Property("kind", .oneOf(FindingKind.allCases))
        package let provider = Property("provider", .string)
        package let model = Property("model", .string)
        package let pool = Property("pool", .nullable(.string))
        package let tierAbove = Property("tier_above", .nullable(.integer))
        package let words = Property("words", .string)
    }

    package struct Change: ObjectContent {
        package static let form = ObjectForm("RateChange", Change())

        package let provider = Property("provider", .string)
        package let model = Property("model", .string)
        package let effectiveAt = Property("effective_at", .time)
        package let field = Property("field", .string)
        package let before = Property("before", .any)
        package let after = Property("after", .any)
    }

    /// What a draft would do, and what an operator should look at.
    package struct Preview: ObjectContent {
        package static let form = ObjectForm("RatePreview", Preview())

        package let findings = Property("findings", .list(of: Finding.self))
        package let changes = Property("changes", .list(of: Change.self))
    }

    package struct Summary: ObjectContent {
        package static let form = ObjectForm("RateDraftSummary", Summary())

        package let id = Property("id", .id)
        package let status = Property("status", .oneOf(Status.allCases))
        package let count = Property("count", .integer)
        package let `operator` = Property("operator", .string)
        package let createdAt = Property("created_at", .time)
        package let approvedBy = Property("approved_by", .nullable(.string))
        package let approvedAt = Property("approved_at", .nullable(.time))
    }

    package struct Draft: ObjectContent {
        package static let form = ObjectForm("RateDraft", Draft())

        package let id = Property("id", .id)
        package let status = Property("status", .oneOf(Status.allCases))
        package let `operator` = Property("operator", .string)
        package let createdAt = Property("created_at", .time)
        package let approvedBy = Property("approved_by", .nullable(.string))
        package let approvedAt = Property("approved_at", .nullable(.time))
        package let rates = Property("rates", .rates)
        package let findings = Property("findings", .list(of: Finding.self))
        package let changes = Property("changes", .list(of: Change.self))
    }

    package struct DraftList: ObjectContent {
        package static let form = ObjectForm("RateDraftList", DraftList())

        package let data = Property("data", .list(of: Summary.self))
    }

    package struct Approval: ObjectContent {
        package static let form = ObjectForm("RateApproval", Approval())

        package let id = Property("id", .id)
        package let status = Property("status", .oneOf(Status.allCases))
        package let count = Property("count", .integer)
        /// How many versions are new.
        package let added = Property("added", .integer)
        package let approvedBy = Property("approved_by", .string)
        package let approvedAt = Property("approved_at", .time)
    }

    package struct Version: ObjectContent {
        package static let form = ObjectForm("RateVersion", Version())

        package let id = Property("id", .id)
        package let knownAt = Property("known_at", .time)
        package let rate = Property("rate", .rate)
    }

    package struct List: ObjectContent {
        package static let form = ObjectForm("RateList", List())

        package let data = Property("data", .list(of: Version.self))
    }

    // MARK: Operations

    package static let list = Operation<ListParameters, Nothing, List>(
        .get, "/admin/v1/rates", id: "listRates", by: .admin, "What each model costs, now or at another time")

    package static let drafts = Operation<Nothing, Nothing, DraftList>(
        .get, "/admin/v1/rates/drafts", id: "listRateDrafts", by: .admin, "The latest 20 drafts of rates",
        links: links("/data/0/id"))

    package static let propose = Operation<Nothing, Request, Draft>(
        .post, "/admin/v1/rates/drafts", id: "proposeRates", by: .admin,
        "Propose rates, which charge nothing until they are approved", bodyLimit: bodyLimit, status: 201,
        others: [
            Endpoint.Answer(
                status: 200, mediaType: "application/json", schema: Preview.form.schema,
                description: "A dry run: nothing is kept.")
        ], links: links("/id"))

    package static let show = Operation<Path, Nothing, Draft>(
        .get, "/admin/v1/rates/drafts/{id}", id: "showRateDraft", by: .admin,
        "A draft, what to look at in it, and what it would change", problems: [.unknownDraft])

    package static let approve = Operation<Path, Nothing, Approval>(
        .post, "/admin/v1/rates/drafts/{id}/approve", id: "approveRateDraft", by: .admin,
        "Let the rates of a draft charge", problems: [.unknownDraft, .draftApproved])

    private static func links(_ pointer: String) -> [Endpoint.Link] {
        ["showRateDraft", "approveRateDraft"].map {
            Endpoint.Link(operation: $0, parameter: "id", pointer: pointer)
        }
    }

    static let endpoints = [
        list.endpoint, drafts.endpoint, propose.endpoint, show.endpoint, approve.endpoint,
    ]
}
