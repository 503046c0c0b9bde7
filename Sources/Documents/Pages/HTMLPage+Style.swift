extension HTMLPage {
    /// The look of every page: text, code, outputs, tables, formulas. Colours have a contrast of at least 4.5 to 1 with what they stand on,
    /// in both schemes.
    static let style = """
        :root {
          color-scheme: light dark;
          --text: #1c1e21; --soft: #5b626d; --page: #ffffff; --panel: #f5f6f8; --line: #dadee4; --link: #0b5cad; --error: #a3161f; \
        --error-panel: #fdf1f1;
          --warning: #7a4b00; --keyword: #8a2d9a; --number: #0a5f73; --string: #1f6b2c;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --text: #dfe2e7; --soft: #a2a9b5; --page: #16181c; --panel: #1f2227; --line: #3a3f48; --link: #7db7f2; --error: #ff9a9a; \
        --error-panel: #2c1b1d;
            --warning: #f0c06a; --keyword: #dc9bea; --number: #74cbdd; --string: #8fd19e;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; color: var(--text); background: var(--page); font: 16px/1.6 system-ui, sans-serif; }
        main, footer { max-width: 52rem; margin: 0 auto; padding: 0 1rem; overflow-wrap: break-word; }
        h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 1.6em 0 0.5em; }
        h1 { font-size: 1.75rem; margin-top: 1.2rem; }
        h2 { font-size: 1.3rem; }
        h3 { font-size: 1.1rem; }
        h4, h5, h6 { font-size: 1rem; }
        p, ul, ol, dl, blockquote { margin: 0.7em 0; }
        ul, ol { padding-left: 1.5rem; }
        li > p, li > ul, li > ol { margin: 0.2em 0; }
        a { color: var(--link); }
        img, svg { max-width: 100%; height: auto; }
        hr { border: 0; border-top: 1px solid var(--line); margin: 1.6em 0; }
        blockquote { padding-left: 1rem; border-left: 3px solid var(--line); color: var(--soft); }
        code { font: 0.9em/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
        p code, li code, td code, th code, h1 code, h2 code, h3 code { padding: 0.1em 0.3em; background: var(--panel); border-radius: 3px; }
        pre { margin: 0.6rem 0; padding: 0.6rem 0.8rem; overflow-x: auto; border-radius: 5px; line-height: 1.45; tab-size: 4; }
        pre code { font-size: 0.86rem; line-height: inherit; white-space: pre; }
        pre.code, pre.raw, pre.fenced { background: var(--panel); border: 1px solid var(--line); }
        pre.text, pre.value, .output { padding: 0.2rem 0.8rem; border-left: 3px solid var(--line); border-radius: 0; }
        pre.value, .output { border-left-color: var(--link); }
        pre.error { color: var(--error); background: var(--error-panel); border-left: 3px solid var(--error); border-radius: 0; }
        .warning { padding: 0 0.8rem; border-left: 3px solid var(--warning); color: var(--warning); }
        .remark { margin: 0.2rem 0; color: var(--soft); font-size: 0.85rem; text-align: right; }
        .keyword { color: var(--keyword); }
        .constant, .number { color: var(--number); }
        .string { color: var(--string); }
        .comment { color: var(--soft); }
        figure { margin: 0.8rem 0; overflow-x: auto; }
        .table { margin: 0.6rem 0; overflow-x: auto; }
        table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
        caption { padding: 0.2rem 0; color: var(--soft); font-size: 0.85rem; text-align: left; }
        th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--line); text-align: left; }
        .output td, .output th { white-space: nowrap; }
        th[scope=row] { color: var(--soft); font-weight: normal; text-align: right; }
        thead th { border-bottom-width: 2px; }
        td.right, th.right { text-align: right; }
        td.center, th.center { text-align: center; }
        math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", math, serif; }
        math[display=block] { margin: 0.9rem 0; overflow-x: auto; overflow-y: hidden; padding: 0.1rem 0; }
        :focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
        footer { margin-top: 2.5rem; padding-bottom: 1.5rem; color: var(--soft); font-size: 0.85rem; }
        footer p { border-top: 1px solid var(--line); padding-top: 0.7rem; }
        /* A plot shrinks to the width of a phone, but what is written on it must stay readable. */
        @media (max-width: 36rem) { figure .padash-plot text { font-size: 15px; } figure .padash-plot.wide { min-width: 44rem; } }
        /* Paper does not scroll. */
        @media print {
          pre, pre code { white-space: pre-wrap; overflow-wrap: anywhere; }
          pre, figure, .table, math[display=block] { overflow: visible; }
          h1, h2, h3, h4, h5, h6 { break-after: avoid; }
          figure, img, svg, tr { break-inside: avoid; }
          figure .padash-plot.wide { min-width: 0; }
        }
        """
}
