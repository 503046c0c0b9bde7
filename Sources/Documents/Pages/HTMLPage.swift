import Text

/// A page of HTML that needs nothing else.
enum HTMLPage {
    /// `body` is markup; the title is escaped. `moreStyle` is added to the style that all pages have.
    static func text(title: String, moreStyle: String = "", body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>\(title.escapedForHTML)</title>
        <style>
        \(style)\(moreStyle.isEmpty ? "" : "\n\(moreStyle)")
        </style>
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }
}
