// SPDX-License-Identifier: Apache-2.0

/// Lends a resource, and gives it back however `body` ends.
/// - Throws: what `body` throws, else what the giving back does.
func withResource<Resource: Closable, Result>(
    _ resource: Resource,
    _ body: (Resource) async throws -> Result
) async throws -> Result {
    let result: Result
    do {
        result = try await body(resource)
    } catch {
        try? await resource.close()  // why it came to an end says more
        throw error
    }
    try await resource.close()
    return result
}
