package io.berth.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How classes are written, whatever module they are in. */
class CodingRulesTest {
    private static final String LINUX_PROCESS = "io.berth.linux.process..";

    @Test
    void processesAreStartedByTheKernelFacilityOnly() {
        noClasses()
                .that(are(DescribedPredicate.not(resideInAPackage(LINUX_PROCESS))))
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .orShould()
                .callMethod(Runtime.class, "exec", String[].class)
                .orShould()
                .callMethod(Runtime.class, "exec", String.class)
                .orShould()
                .callMethod(Runtime.class, "exec", String[].class, String[].class)
                .orShould()
                .callMethod(Runtime.class, "exec", String[].class, String[].class, java.io.File.class)
                .because(
                        "helper programs are what an image can trojan and what leaks descriptors; the platform needs none")
                .check(ProductClasses.all());
    }

    /** The tracer sends to the address of a setting, on behalf of nobody. */
    @Test
    void addressesFromOutsideAreReachedByTheOutgoingClientOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.berth.outgoing..")
                .and()
                .doNotHaveFullyQualifiedName("io.berth.unixhttp.Spans")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(java.net.http.HttpClient.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.net.URLConnection.class)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.eclipse.jgit.transport.http.JDKHttpConnection")
                .because("they look names up themselves, behind the back of the check of who may reach what")
                .check(ProductClasses.all());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.springframework.beans.factory.annotation.Autowired",
                "jakarta.inject.Inject",
                "jakarta.annotation.Resource",
                "jakarta.persistence.PersistenceContext"
            })
    void fieldsAreNotInjected(String annotation) {
        noFields()
                .should()
                .beAnnotatedWith(annotation)
                .because("what a class needs shows in its constructor, and its fields can be final")
                .check(ProductClasses.all());
    }

    @Test
    void settingsComeInRecords() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.springframework.beans.factory.annotation.Value")
                .because("a setting has one name, one default and one check, in the record that documents it")
                .check(ProductClasses.all());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.springframework.stereotype.Controller",
                "org.springframework.web.bind.annotation.RestControllerAdvice",
                "org.springframework.web.bind.annotation.ControllerAdvice"
            })
    void controllersAreOfTheirPackageOnly(String annotation) {
        classes()
                .that()
                .areMetaAnnotatedWith(annotation)
                .or()
                .areAnnotatedWith(annotation)
                .should()
                .notBePublic()
                .allowEmptyShould(true)
                .because("a controller is reached by HTTP, never by another class")
                .check(ProductClasses.all());
    }

    @Test
    void configurationIsImmutable() {
        classes()
                .that()
                .areAnnotatedWith("org.springframework.boot.context.properties.ConfigurationProperties")
                .should()
                .beRecords()
                .because("configuration is read once, checked, and handed on as values")
                .check(ProductClasses.all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Util", "Utils", "Helper", "Helpers", "Manager", "Impl"})
    void namesSayWhatATypeIs(String suffix) {
        noClasses()
                .should()
                .haveSimpleNameEndingWith(suffix)
                .because("«" + suffix + "» says nothing: name the role, as in Store, Codec, Watcher")
                .check(ProductClasses.all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"engine", "image", "registry", "gateway"})
    void aNameMeansOneTypeInAService(String service) {
        Map<String, List<String>> types = ProductClasses.all().stream()
                .filter(type -> (type.getPackageName() + ".").startsWith("io.berth." + service + "."))
                .filter(JavaClass::isTopLevelClass)
                .filter(type -> !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(
                        JavaClass::getSimpleName, Collectors.mapping(JavaClass::getName, Collectors.toList())));
        types.values().removeIf(same -> same.size() == 1);
        assertThat(types).as("who reads a name must not ask which one is meant").isEmpty();
    }

    @Test
    void whatTheDatabaseKeepsIsNamedAlike() {
        classes()
                .that()
                .areAnnotatedWith("jakarta.persistence.Entity")
                .should()
                .haveSimpleNameEndingWith("Entity")
                .because("an entity is not the thing that it stores")
                .check(ProductClasses.all());
        classes()
                .that()
                .areAssignableTo("org.springframework.data.repository.Repository")
                .should()
                .haveSimpleNameEndingWith("Rows")
                .because("«repository» is an image's name here")
                .check(ProductClasses.all());
    }

    @Test
    void loggersAreConstants() {
        fields().that()
                .haveRawType("org.slf4j.Logger")
                .should()
                .haveName("LOG")
                .andShould()
                .beStatic()
                .andShould()
                .bePrivate()
                .because("one name for one thing")
                .check(ProductClasses.all());
    }

    @Test
    void interfacesAreNotMarkedByName() {
        noClasses()
                .that()
                .areInterfaces()
                .should()
                .haveSimpleNameStartingWith("I")
                .andShould(new PrefixedInterfaceName())
                .because("the interface has the good name; its implementation says in which way it differs")
                .check(ProductClasses.all());
    }

    @Test
    void standardStreamsAreNotUsed() {
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS
                .because("a service's words go to its log, with fields that can be searched")
                .check(ProductClasses.all());
    }

    @Test
    void javaUtilLoggingIsNotUsed() {
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING
                .because("SLF4J carries key/values and one configuration")
                .check(ProductClasses.all());
    }

    @Test
    void genericExceptionsAreNotThrown() {
        GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS
                .because("an error's kind decides the status that a client sees")
                .check(ProductClasses.all());
    }

    @Test
    void caseChangesNameTheirLocale() {
        noClasses()
                .should()
                .callMethod(String.class, "toLowerCase")
                .orShould()
                .callMethod(String.class, "toUpperCase")
                .because("in a Turkish locale the lower case of I is not i")
                .check(ProductClasses.all());
    }

    @Test
    void assertionsAndMocksStayInTests() {
        ArchRule rule = noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.junit..", "org.assertj..", "org.mockito..")
                .because("nothing in the product may work in a test only");
        rule.check(ProductClasses.all());
    }

    @Test
    void periodicWorkHasAnOwner() {
        noClasses()
                .should()
                .dependOnClassesThat(new DescribedPredicate<JavaClass>("are Spring's @Scheduled or @Async") {
                    @Override
                    public boolean test(JavaClass type) {
                        return type.getName().equals("org.springframework.scheduling.annotation.Scheduled")
                                || type.getName().equals("org.springframework.scheduling.annotation.Async");
                    }
                })
                .because("background work has an owner class with an executor and a stated recovery, not an annotation")
                .check(ProductClasses.all());
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                tools.jackson.databind.json.JsonMapper.class,
                tools.jackson.databind.ObjectMapper.class,
                tools.jackson.core.json.JsonFactory.class
            })
    void documentsHaveBounds(Class<?> maker) {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.berth.json")
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "of a " + maker.getSimpleName(),
                        call -> call.getTargetOwner().isEquivalentTo(maker)))
                .orShould()
                .callMethodWhere(DescribedPredicate.describe(
                        "a way of " + maker.getSimpleName() + " to one without bounds",
                        call -> call.getTargetOwner().isEquivalentTo(maker)
                                && Set.of("builder", "shared", "builderWithJackson2Defaults", "rebuild")
                                        .contains(call.getName())))
                .because("a mapper that does not count what it reads lets one request take the whole heap (ADR 34)")
                .check(ProductClasses.all());
    }

    @ParameterizedTest
    @ValueSource(classes = {java.util.Map.class, Set.class})
    void copiesOfWhatCameFromOutsideTakeNoTime(Class<?> collection) {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.berth.oci..",
                        "io.berth.docker..",
                        "io.berth.node..",
                        "io.berth.buildkit..",
                        "io.berth.registry.manifest..",
                        "io.berth.engine.event..",
                        "io.berth.engine.filter..")
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        collection.getSimpleName() + ".copyOf",
                        call -> call.getTargetOwner().isEquivalentTo(collection)
                                && call.getName().equals("copyOf")))
                .because(
                        "names that somebody has chosen to have one hash code take it half a minute: Frozen does not mind")
                .check(ProductClasses.all());
    }
}
