package io.berth.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may depend on what, between modules and packages. */
class ModuleRulesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.berth.linux",
                "io.berth.json",
                "io.berth.oci",
                "io.berth.archive",
                "io.berth.pattern",
                "io.berth.dockerfile",
                "io.berth.docker",
                "io.berth.dockerserver",
                "io.berth.node",
                "io.berth.unixhttp",
                "io.berth.buildkit",
                "io.berth.outgoing",
                "io.berth.registryclient",
                "io.berth.login",
                "io.berth.database",
                "io.berth.engine",
                "io.berth.image",
                "io.berth.registry",
                "io.berth.gateway"
            })
    void everyModuleIsLookedAt(String module) {
        // A rule over a module that is missing from the class path would hold for nothing.
        long found = ProductClasses.all().stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.equals(module) || name.startsWith(module + "."))
                .count();
        assertThat(found).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "engine, image, registry, gateway",
        "image, engine, registry, gateway",
        "registry, engine, image, gateway",
        "gateway, engine, image, registry"
    })
    void servicesDoNotDependOnEachOther(String service, String second, String third, String fourth) {
        noClasses()
                .that()
                .resideInAPackage("io.berth." + service + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.berth." + second + "..", "io.berth." + third + "..", "io.berth." + fourth + "..")
                .because("services share contracts, not code: each is built, deployed and replaced alone")
                .check(ProductClasses.all());
    }

    @Test
    void librariesDoNotDependOnServices() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.berth.linux..",
                        "io.berth.json..",
                        "io.berth.oci..",
                        "io.berth.archive..",
                        "io.berth.pattern..",
                        "io.berth.dockerfile..",
                        "io.berth.docker..",
                        "io.berth.dockerserver..",
                        "io.berth.node..",
                        "io.berth.unixhttp..",
                        "io.berth.buildkit..",
                        "io.berth.outgoing..",
                        "io.berth.registryclient..",
                        "io.berth.login..",
                        "io.berth.database..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.berth.engine..", "io.berth.image..", "io.berth.registry..", "io.berth.gateway..")
                .because("a contract or a kernel facility knows nothing of who uses it")
                .check(ProductClasses.all());
    }

    @Test
    void kernelFacilitiesKnowNoFramework() {
        noClasses()
                .that()
                .resideInAnyPackage("io.berth.linux..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "jakarta..", "tools.jackson..", "io.berth.docker..")
                .because("libs/linux is Linux for Java, usable without a container engine around it")
                .check(ProductClasses.all());
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.berth.(**)")
                .should()
                .beFreeOfCycles()
                .because("packages in a cycle can only be understood, tested and moved together")
                .check(ProductClasses.all());
    }

    @Test
    void nativeAccessStaysInOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.berth.linux.jna..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.sun.jna..", "java.lang.foreign..")
                .because("a move from JNA to the foreign function API must stay local to io.berth.linux.jna")
                .check(ProductClasses.all());
    }

    @Test
    void bindingsAreOfTheirModuleOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.berth.linux..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.berth.linux.jna..")
                .because("a raw call has no type that says what is passed: libs/linux gives it one")
                .check(ProductClasses.all());
    }

    @Test
    void webTypesStayInWebPackages() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.berth.engine..", "io.berth.image..", "io.berth.registry..", "io.berth.gateway..")
                .and()
                .resideOutsideOfPackage("..web..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework.web.bind..",
                        "org.springframework.web.servlet..",
                        "org.springframework.web.context..",
                        "org.springframework.web.method..",
                        "jakarta.servlet..")
                .because("what a container or an image is does not change with the protocol that asks for it")
                .check(ProductClasses.all());
    }

    /** What a service writes into its own files, such as lines of its logs, is its own matter. */
    @Test
    void wireRecordsStayInContractModules() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.berth.engine..web..",
                        "io.berth.image..web..",
                        "io.berth.registry..web..",
                        "io.berth.gateway..web..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson.annotation..")
                .because("the shape of a public document is the matter of libs/docker-api and libs/oci-spec alone")
                .check(ProductClasses.all());
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<String> unmarked = new TreeSet<>();
        Set<JavaPackage> packages =
                ProductClasses.all().stream().map(JavaClass::getPackage).collect(Collectors.toSet());
        for (JavaPackage found : packages) {
            boolean bindings = found.getName().equals("io.berth.linux.jna");
            if (!found.isAnnotatedWith(NullMarked.class) && !(bindings && found.isAnnotatedWith(NullUnmarked.class))) {
                unmarked.add(found.getName());
            }
        }
        assertThat(unmarked)
                .as("packages without @NullMarked in their package-info, which NullAway therefore does not look at")
                .isEmpty();
    }

    @Test
    void packagesAreNamedForWhatTheyHold() {
        classes()
                .should()
                .resideOutsideOfPackages("..common..", "..shared..", "..core..", "..util..", "..utils..", "..misc..")
                .because("a drawer named for nothing collects everything: code goes where its noun lives")
                .check(ProductClasses.all());
    }
}
