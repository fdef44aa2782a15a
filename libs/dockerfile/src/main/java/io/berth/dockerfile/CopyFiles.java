package io.berth.dockerfile;

import java.util.List;

/**
 * What COPY or ADD copies where.
 *
 * @param sources paths, patterns, or for ADD addresses
 * @param documents here-documents that become files, named as they are
 * @param destination of all of them
 */
public record CopyFiles(List<String> sources, List<Heredoc> documents, String destination) {
    public CopyFiles {
        sources = List.copyOf(sources);
        documents = List.copyOf(documents);
    }
}
