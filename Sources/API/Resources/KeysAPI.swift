// SPDX-License-Identifier: Apache-2.0

import Notation

/// API keys of customers.
package enum KeysAPI {
    package static let pageLimit = PageLimit.longRange
    package static let standardLimit = PageLimit.longStandard
    /// How long a key goes on working that another has replaced.
    package static let standardOverlap = Duration.seconds(24 * 3600)

    /// - Returns: nil for what is no overlap, from 0s to 30d.
    package static func overlap(_ text: String) -> Duration? {
        RotateRequest.form.content.overlap.admits(text) ? DurationText.seconds(text).map { .seconds($0) } : nil
    }

    // MARK: What is asked

    package struct CustomerPath: ObjectContent {
        package static let form = ObjectForm("KeyCustomerPath", CustomerPath())

        package let customer = Property(path: "customer", .id("cus_1"))
    }

    package struct Path: ObjectContent {
        package static let form = ObjectForm("KeyPath", Path())

        package let id = Property(path: "id", .id("key_1"))
    }

    package struct ListParameters: ObjectContent {
        package static let form = ObjectForm("KeyListParameters", ListParameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        package let limit = Property(query: "limit", .integer(pageLimit), default: standardLimit)
        package let startingAfter = Property(query: "starting_after", .id.lastLine)
    }

    package struct CreateParameters: ObjectContent {
        package static let form = ObjectForm("KeyCreateParameters", CreateParameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        package let idempotencyKey = Property(header: "Idempotency-Key", .idempotencyKey)
    }

    package struct RotateParameters: ObjectContent {
        package static let form = ObjectForm("KeyRotateParameters", RotateParameters())

        package let id = Property(path: "id", .id("key_1"))
        package let idempotencyKey = Property(header: "Idempotency-Key", .idempotencyKey)
    }

    package struct CreateRequest: ObjectContent {
        package static let form = ObjectForm("KeyRequest", CreateRequest())

        package let label = Property(optional: "label", .label)
        package let expiresAt = Property(optional: "expires_at", .time)
    }

    package struct ImportRequest: ObjectContent {
        package static let form = ObjectForm("KeyImportRequest", ImportRequest())

        package let sha256 = Property("sha256", .sha256)
        package let label = Property(optional: "label", .label)
        package let expiresAt = Property(optional: "expires_at", .time)
    }

    package struct ChangeRequest: ObjectContent {
        package static let form = ObjectForm("KeyChangeRequest", ChangeRequest())

        /// Null takes it away.
        package let label = Property(optional: "label", .label)
        /// Null takes the end away.
        package let expiresAt = Property(optional: "expires_at", .time)
        package let disabled = Property(optional: "disabled", .bool)
    }

    package struct RotateRequest: ObjectContent {
        package static let form = ObjectForm("KeyRotateRequest", RotateRequest())

        /// Without it 24 hours.
        package let overlap = Property(optional: "overlap", .overlap)
    }

    // MARK: What is answered

    package struct Key: ObjectContent {
        package static let form = ObjectForm("Key", Key())

        package let id = Property("id", .id)
        package let customer = Property("customer", .id)
        package let label = Property("label", .nullable(.string))
        /// Null for an imported key.
        package let last4 = Property("last4", .nullable(.string))
        package let createdAt = Property("created_at", .time)
        package let expiresAt = Property("expires_at", .nullable(.time))
        package let disabled = Property("disabled", .bool)
        /// May be a minute late.
        package let lastUsedAt = Property("last_used_at", .nullable(.time))
    }

    /// The only answer that shows the key itself.
    package struct NewKey: ObjectContent {
        package static let form = ObjectForm("NewKey", NewKey())

        package let id = Property("id", .id)
        package let customer = Property("customer", .id)
        package let key = Property("key", .string)
        package let label = Property("label", .nullable(.string))
        package let last4 = Property("last4", .nullable(.string))
        package let createdAt = Property("created_at", .time)
        package let expiresAt = Property("expires_at", .nullable(.time))
        package let disabled = Property("disabled", .bool)
        package let lastUsedAt = Property("last_used_at", .nullable(.time))
    }

    /// For readers: either of the two.
    package struct ShownKey: ObjectContent {
        package static let form = ObjectForm("ShownKey", ShownKey())

        package let id = Property("id", .id)
        package let customer = Property("customer", .id)
        package let key = Property(maybe: "key", .string)
    }

    package struct Page: PageContent {
        package static let form = ObjectForm("KeyPage", Page())

        package let data = Property("data", .list(of: Key.self))
        package let hasMore = Property("has_more", .bool)

        package static func cursor(of line: Object<Key>) -> String { line.id }
    }

    // MARK: Operations

    package static let create = Operation<CreateParameters, CreateRequest, NewKey>(
        .post, "/admin/v1/customers/{customer}/keys", id: "createKey", by: .admin,
        "Make an API key: the answer is the only one that shows it", status: 201, others: [repeated],
        problems: [.missingIdempotencyKey, .invalidIdempotencyKey, .conflict, .untilPassed], links: links("/id"))

    package static let importKey = Operation<CustomerPath, ImportRequest, Key>(
        .post, "/admin/v1/customers/{customer}/keys/import", id: "importKey", by: .admin,
        "Take over an API key that was made elsewhere", status: 201, others: [repeated],
        problems: [.keyExists, .untilPassed], links: links("/id"))

    package static let list = Operation<ListParameters, Nothing, Page>(
        .get, "/admin/v1/customers/{customer}/keys", id: "listKeys", by: .admin,
        "The API keys of a customer, the newest first", problems: [.unknownCustomer, .unknownKey],
        links: links("/data/0/id"))

    package static let show = Operation<Path, Nothing, Key>(
        .get, "/admin/v1/keys/{id}", id: "showKey", by: .admin, "An API key", problems: [.unknownKey])

    package static let change = Operation<Path, ChangeRequest, Key>(
        .patch, "/admin/v1/keys/{id}", id: "changeKey", by: .admin,
        "Name an API key, disable or enable it, or say when it ends", problems: [.unknownKey])

    package static let rotate = Operation<RotateParameters, RotateRequest, NewKey>(
        .post, "/admin/v1/keys/{id}/rotate", id: "rotateKey", by: .admin,
        "Make a new API key in the place of another, which ends after the overlap", status: 201, others: [repeated],
        problems: [.missingIdempotencyKey, .invalidIdempotencyKey, .conflict, .unknownKey, .keyNotActive],
        links: links("/id"))

    package static let delete = Operation<Path, Nothing, Nothing>(
        .delete, "/admin/v1/keys/{id}", id: "deleteKey", by: .admin, "End an API key at once, and for ever",
        status: 204, problems: [.unknownKey])

    private static let repeated = Endpoint.Answer(
        status: 200, mediaType: "application/json", schema: Key.form.schema,
        description: "The same was asked for before: the key that was made then, without what it is shown as.")

    private static func links(_ pointer: String) -> [Endpoint.Link] {
        ["showKey", "changeKey", "rotateKey", "deleteKey"].map {
            Endpoint.Link(operation: $0, parameter: "id", pointer: pointer)
        }
    }

    static let endpoints = [
        list.endpoint, create.endpoint, importKey.endpoint, show.endpoint, change.endpoint, rotate.endpoint,
        delete.endpoint,
    ]
}
