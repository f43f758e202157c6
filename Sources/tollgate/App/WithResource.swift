// SPDX-License-Identifier: Apache-2.0

/// Lends a resource, and closes it however `body` ends.
/// - Throws: what `body` throws, else what closing it throws.
// Inlined into `DevCommand.serve`, it crashes the optimizer of Swift 6.3 (CoroSplit): there would be no release build.
@inline(never)
func withResource<Resource: Closable, Result>(
    _ resource: Resource,
    _ body: (Resource) async throws -> Result
) async throws -> Result {
    let result: Result
    do {
        result = try await body(resource)
    } catch {
        try? await resource.close()  // the first error says more
        throw error
    }
    try await resource.close()
    return result
}
