package io.berth.dockerfile;

/**
 * A here-document of an instruction.
 *
 * @param name the word after {@code <<}, without its quotes
 * @param expand whether variables in it are expanded: no part of the word was quoted
 * @param stripTabs whether it was written {@code <<-}: leading tabs do not count
 * @param content as written, each line with its end
 */
public record Heredoc(String name, boolean expand, boolean stripTabs, String content) {
    /** The content without leading tabs, if that was asked for. */
    public String text() {
        return stripTabs ? content.replaceAll("(?m)^\t+", "") : content;
    }
}
