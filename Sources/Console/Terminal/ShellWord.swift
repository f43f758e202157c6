// SPDX-License-Identifier: Apache-2.0

/// Text quoted as one word of a shell: an event's id may contain characters that are special to a shell.
enum ShellWord {
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || "_-.".contains(character))
        }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
