// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// Where a folder's cluster is, and which user it belongs to.
///
/// Usually `<folder>/postgres`. If Tollgate runs as root and the user who runs PostgreSQL cannot enter the folder, the
/// cluster is in `/var/lib/tollgate-dev` and `<folder>/postgres` is a link to it: deleting the folder deletes the link,
/// and data without a link is never used again.
struct ClusterPlace: Sendable {
    static let elsewhere = "/var/lib/tollgate-dev"

    /// Holds the whole cluster; only its user may enter.
    let home: String
    let user: ClusterUser

    var data: String { home + "/data" }
    var serverLog: String { home + "/postgres.log" }

    /// - Parameter folder: an existing folder of ours, all links resolved, locked.
    static func find(in folder: String) async throws(ClusterError) -> ClusterPlace {
        ClusterUser.current.id == 0 ? try await findAsRoot(in: folder) : try findAsOrdinaryUser(in: folder)
    }

    private static func findAsOrdinaryUser(in folder: String) throws(ClusterError) -> ClusterPlace {
        let place = ClusterPlace(home: folder + "/postgres", user: .current)
        if let found = try FileSystem.status(place.home), found.kind != .folder || found.owner.id != place.user.id {
            throw ClusterError(
                "\(place.home) belongs to another user: run `tollgate dev` as that user, or delete it")
        }
        try FileSystem.ensurePrivateFolder(place.home, owner: place.user)
        return place
    }

    private static func findAsRoot(in folder: String) async throws(ClusterError) -> ClusterPlace {
        let home = folder + "/postgres"
        guard let found = try FileSystem.status(home) else { return try await make(home, in: folder) }
        switch found.kind {
        case .folder where found.owner.id == 0:
            // Tollgate was killed before it handed the folder over.
            try FileSystem.remove(home)
            return try await make(home, in: folder)
        case .folder:
            // Whoever created it, even an ordinary user, continues to run it.
            let place = ClusterPlace(home: home, user: found.owner)
            guard try await place.user.canWork(in: home) else {
                throw ClusterError(
                    "\(home) cannot be entered by its owner, user \(place.user.id): give the folders above it mode 755")
            }
            return place
        case .link where FileSystem.linkDestination(home) == hidden(folder):
            return try makeElsewhere(for: folder)
        case .link, .other:
            throw ClusterError("\(home) leads to data that was not made for this folder: delete it")
        }
    }

    /// Everything that `--reset` must delete.
    static func all(in folder: String) throws(ClusterError) -> [ClusterPlace] {
        var places: [ClusterPlace] = []
        if let found = try FileSystem.status(folder + "/postgres"), found.kind == .folder {
            places.append(ClusterPlace(home: folder + "/postgres", user: found.owner))
        }
        if ClusterUser.current.id == 0, let owner = try ownerElsewhere(folder) {
            places.append(ClusterPlace(home: hidden(folder), user: owner))
        }
        return places
    }

    private static func make(_ home: String, in folder: String) async throws(ClusterError) -> ClusterPlace {
        // Data there from an earlier folder at this path went out of use with that folder.
        if let owner = try ownerElsewhere(folder) {
            try await ClusterPlace(home: hidden(folder), user: owner).remove()
        }
        let place = ClusterPlace(home: home, user: try .service())
        try FileSystem.makeFolder(home, mode: 0o700, owner: place.user)
        if try await place.user.canWork(in: home) { return place }
        try FileSystem.remove(home)
        let hiddenPlace = try makeElsewhere(for: folder)
        guard symlink(hiddenPlace.home, home) == 0 else {
            throw ClusterError("\(home) cannot be made: \(FileSystem.systemError)")
        }
        return hiddenPlace
    }

    private static func makeElsewhere(for folder: String) throws(ClusterError) -> ClusterPlace {
        if try FileSystem.status(elsewhere) == nil {
            try FileSystem.makeFolder(elsewhere, mode: 0o755, owner: .current)
        }
        let home = hidden(folder)
        if let owner = try ownerElsewhere(folder), owner.id != 0 {
            return ClusterPlace(home: home, user: owner)
        }
        // There is nothing, or Tollgate was killed before it handed the folder over.
        try FileSystem.remove(home)
        let place = ClusterPlace(home: home, user: try .service())
        try FileSystem.makeFolder(home, mode: 0o700, owner: place.user)
        return place
    }

    private static func hidden(_ folder: String) -> String { "\(elsewhere)/\(name(of: folder))" }

    private static func ownerElsewhere(_ folder: String) throws(ClusterError) -> ClusterUser? {
        try FileSystem.status(hidden(folder))?.owner
    }

    /// Stops the server here and deletes everything.
    func remove() async throws(ClusterError) {
        try await Postmaster.stop(in: data)
        try FileSystem.remove(home)
        try FileSystem.remove(temporarySocketDirectory)
    }

    // MARK: - Socket

    /// A private folder for the socket, free of leftovers: the cluster's own if the path fits, else one in `/tmp`.
    func makeSocketDirectory() throws(ClusterError) -> String {
        // A socket's path is limited to 107 bytes. Only harmless characters: it passes through a shell and libpq.
        let isFit = home.utf8.count + "/.s.PGSQL.65535".utf8.count <= 107
        let isPlain = home.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
        let folder = isFit && isPlain ? home : temporarySocketDirectory
        if folder != home { try FileSystem.ensurePrivateFolder(folder, owner: user) }
        for name in FileSystem.names(in: folder) where name.hasPrefix(".s.PGSQL.") {
            try FileSystem.remove("\(folder)/\(name)")
        }
        return folder
    }

    private var temporarySocketDirectory: String { "/tmp/tollgate-\(user.id)-\(Self.name(of: home))" }

    /// A short name for a path, the same in every run (FNV-1a).
    private static func name(of path: String) -> String {
        let hash = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
