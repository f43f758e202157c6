// SPDX-License-Identifier: Apache-2.0

/// What a session prepares once and then executes by name: the text with `$n` for its parameters, and their types.
struct Statement: Hashable {
    let text: String
    let types: [UInt32]

    /// Derived from its content, and so the same in every process: behind a pool that hands one session from client to
    /// client, a name may already exist, but can never stand for another statement.
    var name: String {
        // 128-bit FNV-1a: among our few hundred statements, no two collide.
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        func add(_ byte: UInt8) { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
        text.utf8.forEach(add)
        for type in types {
            add(0)
            withUnsafeBytes(of: type.littleEndian) { $0.forEach(add) }
        }
        return "tollgate_\(String(hash, radix: 36))"
    }
}
