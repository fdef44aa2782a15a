package io.berth.image.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.dockerfile.IgnorePatterns;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceFilesTest {
    @TempDir
    Path tree;

    @TempDir
    Path outside;

    @BeforeEach
    void makeTree() throws IOException {
        for (String file : List.of("a.txt", "b.md", "dir/one.txt", "dir/sub/two.txt", "dir/sub/three.md")) {
            Path path = tree.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, file);
        }
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createSymbolicLink(tree.resolve("out"), outside);
        Files.createSymbolicLink(tree.resolve("file"), Path.of("dir/one.txt"));
        Files.createSymbolicLink(tree.resolve("directory"), Path.of("/dir/sub"));
    }

    /** What is found, and below each source what a walk tells of: directories with a slash at the end. */
    private List<String> walk(String text, boolean parents, String... excludes) {
        List<String> told = new ArrayList<>();
        try (Directory root = Directory.open(tree)) {
            SourceFiles files = new SourceFiles(root, IgnorePatterns.of(List.of(excludes)));
            for (SourceFiles.Source source : files.find(text, parents)) {
                told.add("<" + source.parents() + ">");
                files.walk(source, new SourceFiles.Visitor() {
                    @Override
                    public void enter(Directory directory, String path, FileStat stat) {
                        told.add(path + "/");
                    }

                    @Override
                    public void leave(Directory directory, String path, FileStat stat) {
                        // told when it was entered
                    }

                    @Override
                    public void file(Directory at, String name, String path, FileStat stat) {
                        told.add(path.isEmpty() ? name : path);
                    }
                });
            }
        }
        return told;
    }

    @Test
    void findsFilesAndDirectories() {
        assertThat(walk("a.txt", false)).containsExactly("<>", "a.txt");
        assertThat(walk("/dir/", false)).containsExactly("<>", "/", "one.txt", "sub/", "sub/three.md", "sub/two.txt");
        assertThat(walk("dir/../dir/sub", false)).containsExactly("<>", "/", "three.md", "two.txt");
    }

    @Test
    void findsWhatPatternsFit() {
        assertThat(walk("*.txt", false)).containsExactly("<>", "a.txt");
        assertThat(walk("dir/*/t*", false)).containsExactly("<>", "three.md", "<>", "two.txt");
        assertThat(walk("nothing*", false)).isEmpty();
    }

    @Test
    void followsLinksThatAreSourcesThemselves() {
        assertThat(walk("file", false)).containsExactly("<>", "one.txt");
        assertThat(walk("directory", false)).containsExactly("<>", "/", "three.md", "two.txt");
    }

    @Test
    void nothingOutsideIsFound() {
        for (String path : List.of("out", "out/secret", "../" + outside + "/secret", outside + "/secret")) {
            assertThatThrownBy(() -> walk(path, false))
                    .isInstanceOf(BuildFailure.class)
                    .hasMessageContaining("not found");
        }
    }

    @Test
    void keepsParentsFromThePivotOn() {
        assertThat(walk("dir/sub/two.txt", true)).containsExactly("<dir/sub>", "two.txt");
        assertThat(walk("dir/./sub/two.txt", true)).containsExactly("<sub>", "two.txt");
        assertThat(walk("dir/./sub", true)).containsExactly("<sub>", "/", "three.md", "two.txt");
    }

    @Test
    void leavesOutWhatIsExcluded() {
        assertThat(walk("dir", false, "**/*.md")).containsExactly("<>", "/", "one.txt", "sub/", "sub/two.txt");
        assertThat(walk("dir", false, "sub")).containsExactly("<>", "/", "one.txt");
        assertThat(walk("a.txt", false, "*.txt")).containsExactly("<>");
    }
}
