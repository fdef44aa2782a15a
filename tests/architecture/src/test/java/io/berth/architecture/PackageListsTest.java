package io.berth.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ARCHITECTURE.md lists the packages of each service: all of them, and no others. */
class PackageListsTest {
    private static final Path ARCHITECTURE = Path.of("../../ARCHITECTURE.md");
    private static final Pattern ITEM = Pattern.compile("^- `([a-z0-9]+)`: ", Pattern.MULTILINE);

    @ParameterizedTest
    @CsvSource({"engine-service, engine", "image-service, image", "registry-service, registry", "gateway, gateway"})
    void listsThePackagesOfEachService(String module, String service) throws IOException {
        String prefix = "io.berth." + service + ".";
        Set<String> packages = ProductClasses.all().stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()).split("\\.", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(listed(module)).isEqualTo(packages);
    }

    private static Set<String> listed(String module) throws IOException {
        String heading = "### Packages of " + module + "\n";
        String text = Files.readString(ARCHITECTURE);
        assertThat(text).contains(heading);
        String list = text.substring(text.indexOf(heading) + heading.length());
        return ITEM.matcher(list.substring(0, list.indexOf("\n#")))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
