package io.berth.image.caller;

import io.berth.docker.error.Forbidden;
import io.berth.image.store.Image;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.unixhttp.CallerIdentity;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who commands this service, as the gateway tells with each request ({@link CallerIdentity}); without it the caller is an operator.
 *
 * @param role {@code operator}, {@code developer} or {@code viewer}
 * @param projects whose repositories, {@code <project>/…} on whichever registry, are the caller's; the first one is where new
 *     things go
 * @param hidden projects whose images are not there for the caller
 * @param source how the gateway found out who it is
 * @param credential which the gateway knows them by; {@code 0} for none
 * @param identity all of this in one text, by which the caller is known to services that are called on their behalf, and which
 *     {@link #of(String)} reads; null for an operator by Docker's socket
 */
public record Caller(
        String role,
        List<String> projects,
        Set<String> hidden,
        String name,
        String source,
        String credential,
        @Nullable String identity) {
    /** The header that has it. */
    public static final String HEADER = CallerIdentity.HEADER;

    /** The parameter in which the gateway gives a developer's hidden projects, separated by commas. */
    public static final String HIDDEN = CallerIdentity.HIDDEN;

    /** Says whose an image is. */
    public static final String PROJECT_LABEL = CallerIdentity.PROJECT_LABEL;

    /** Whether a label is one by which the platform is told something: requests have those, images do not. */
    public static boolean isPlatformLabel(String name) {
        return name.startsWith("berth.") || name.startsWith("io.berth.");
    }

    /** Who may open Docker's socket. */
    public static final Caller OPERATOR = new Caller("operator", List.of(), Set.of(), "", "", "0", null);

    public Caller {
        projects = List.copyOf(projects);
        hidden = Set.copyOf(hidden);
    }

    /**
     * Reads what the gateway tells.
     *
     * @param header null when there is none
     * @param hidden the parameter {@value #HIDDEN}; null when there is none
     * @throws Forbidden when the header is malformed, which the gateway's never is
     */
    public static Caller of(@Nullable String header, @Nullable String hidden) {
        return of(header == null || hidden == null ? header : header + ";" + HIDDEN + "=" + hidden);
    }

    /** The caller of an {@link #identity}. */
    public static Caller of(@Nullable String identity) {
        if (identity == null) {
            return OPERATOR;
        }
        CallerIdentity told;
        try {
            told = CallerIdentity.parse(identity);
        } catch (IllegalArgumentException e) {
            throw new Forbidden(String.valueOf(e.getMessage()));
        }
        return new Caller(
                told.role(), told.projects(), told.hidden(), told.name(), told.source(), told.credential(), identity);
    }

    /** Whether not everything is theirs. */
    public boolean restricted() {
        return !role.equals("operator");
    }

    /** Whether they may make something in their projects. */
    public boolean makes() {
        return !restricted() || (role.equals("developer") && !projects.isEmpty());
    }

    /** The project that new things go to, and whose caches builds share; empty for operators. */
    public String project() {
        return restricted() && !projects.isEmpty() ? projects.getFirst() : "";
    }

    /** By which what is of this credential alone is told from what is of others; empty for all operators. */
    public String owner() {
        return restricted() ? source + " " + credential + " " + name : "";
    }

    /** @throws Forbidden when they may not make anything */
    public void requireMakes() {
        if (!makes()) {
            throw new Forbidden("a " + role + " may not do this");
        }
    }

    /**
     * Refuses a repository that is not the caller's to write to.
     *
     * @param name of the repository, as the caller has written it
     * @throws Forbidden when it is not
     */
    public void requireOwn(ImageReference reference, String name) {
        if (!owns(reference)) {
            throw new Forbidden("the repository \"" + name + "\" is not the project's: its name must begin with "
                    + project() + "/");
        }
    }

    /** Whether a repository is the caller's to write to. */
    public boolean owns(ImageReference reference) {
        String project = project(reference);
        return !restricted() || (makes() && !project.isEmpty() && projects.contains(project));
    }

    /** The first component of a repository's path, when there are several; official images have none. */
    private static String project(ImageReference reference) {
        int slash = reference.path().indexOf('/');
        return slash < 0 || reference.familiarName().indexOf('/') < 0
                ? ""
                : reference.path().substring(0, slash);
    }

    /** The project that an image says it is of; empty for none. */
    public static String project(ImageConfig config) {
        Map<String, String> labels = config.execution().labels();
        return labels == null ? "" : labels.getOrDefault(PROJECT_LABEL, "");
    }

    /** Whether a repository is not there for the caller. */
    public boolean hides(ImageReference reference) {
        return hidden.contains(project(reference));
    }

    /** Whether what somebody calls an image is not there for the caller; ids and what is no name are. */
    public boolean hidesName(String name) {
        try {
            return !hidden.isEmpty() && hides(ImageReference.parse(name));
        } catch (IllegalArgumentException e) {
            return false; // an id, or what is refused where it is looked up
        }
    }

    /** Whether an image is not there for the caller: by its label, or when all of its names are not. */
    public boolean hides(Image image) {
        if (!restricted()) {
            return false;
        }
        String project = project(image.config());
        boolean names = !image.tags().isEmpty() && image.tags().stream().allMatch(this::hides);
        return names || (!project.isEmpty() && !projects.contains(project));
    }
}
