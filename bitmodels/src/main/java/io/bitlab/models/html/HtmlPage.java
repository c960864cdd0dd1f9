package io.bitlab.models.html;

/** One self-contained HTML page, as it grows: well-formed XML, no scripts, no external resources. */
public final class HtmlPage {

    private static final String STYLE = """
            :root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1d2330; --soft: #687083;
              --rule: #e3e0d8; --blue: #3867d6; --teal: #0f9d8a; --amber: #d98e04; --grey: #aab1bf; }
            @media (prefers-color-scheme: dark) { :root { --paper: #14171d; --card: #1c2028; --ink: #e8eaf0;
              --soft: #99a1b3; --rule: #2d333f; --blue: #7fa2ff; --teal: #3fcab4; --amber: #f0b44a; --grey: #5c6575; } }
            * { box-sizing: border-box; }
            body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 66rem; background: var(--paper);
              color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
            h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
            h2 { font-size: 1.15rem; margin: 2.6rem 0 .9rem; }
            h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
            p, small { color: var(--soft); margin: .2rem 0; }
            .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem;
              margin: 1.6rem 0 0; padding: 0; }
            .figures div, .card { background: var(--card); border: 1px solid var(--rule); border-radius: .7rem;
              padding: 1rem 1.15rem; }
            dt { color: var(--soft); font-size: .85rem; }
            dd { margin: .1rem 0 0; font-size: 1.55rem; font-weight: 650; font-variant-numeric: tabular-nums; }
            dd small { font-size: .8rem; font-weight: 400; display: block; }
            .card { margin: 0 0 1rem; }
            .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1.2rem;
              margin-top: .9rem; }
            figure { margin: 0; }
            figcaption { font-size: .82rem; color: var(--soft); margin-bottom: .3rem; }
            svg { width: 100%; height: auto; display: block; overflow: visible; }
            svg text { font-size: 10px; fill: var(--soft); font-family: inherit; }
            .bar { fill: var(--blue); } .minus { fill: var(--teal); } .zero { fill: var(--grey); }
            .plus { fill: var(--amber); }
            .axis { stroke: var(--rule); } .mark { stroke: var(--amber); stroke-width: 1.5; stroke-dasharray: 4 3; }
            polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
            .line0 { stroke: var(--blue); } .line1 { stroke: var(--amber); }
            .key0 { color: var(--blue); } .key1 { color: var(--amber); }
            .wide { overflow-x: auto; }
            table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
            th { text-align: right; color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--rule); }
            td { text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
            th, td { padding: .4rem .6rem; } th:first-child, td:first-child { text-align: left; }
            pre { white-space: pre-wrap; color: var(--soft); font-size: .82rem; }
            """;

    private final StringBuilder text =
            new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">");

    /**
     * Begins a page with its head.
     *
     * @param title the title, as plain text
     * @param subtitle a line below it, as plain text
     * @param style further rules of the style sheet; may be empty
     */
    public HtmlPage(String title, String subtitle, String style) {
        text.append("<head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, ")
                .append("initial-scale=1\"/><title>").append(escape(title)).append("</title><style>").append(STYLE)
                .append(style).append("</style></head>\n<body><header><h1>").append(escape(title)).append("</h1><p>")
                .append(escape(subtitle)).append("</p></header>\n");
    }

    /**
     * Adds markup.
     *
     * @param parts well-formed together
     * @return this page
     */
    public HtmlPage add(String... parts) {
        for (String part : parts) {
            text.append(part);
        }
        return this;
    }

    /**
     * Adds a heading.
     *
     * @param heading plain text
     * @return this page
     */
    public HtmlPage heading(String heading) {
        return add("<h2>", escape(heading), "</h2>\n");
    }

    /**
     * Adds one of the large numbers at the top, within {@code <dl class="figures">}.
     *
     * @param name what it is
     * @param value the number
     * @param note small print; may be empty
     * @return this page
     */
    public HtmlPage figure(String name, String value, String note) {
        return add("<div><dt>", escape(name), "</dt><dd>", escape(value), "<small>", escape(note),
                "</small></dd></div>");
    }

    /**
     * Adds a picture with its caption.
     *
     * @param caption markup
     * @param svg markup
     * @return this page
     */
    public HtmlPage picture(String caption, String svg) {
        return add("<figure><figcaption>", caption, "</figcaption>", svg, "</figure>");
    }

    /**
     * Text as markup.
     *
     * @param text any text
     * @return the text, with what has a meaning in XML replaced
     */
    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /** The whole page so far. */
    @Override
    public String toString() {
        return text + "</body></html>\n";
    }
}
