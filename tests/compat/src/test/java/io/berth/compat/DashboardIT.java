package io.berth.compat;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard in Chromium, page by page, against a running platform with real containers. */
@CompatTest
@BerthOnly
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardIT {
    private static final String LABEL = "berth.test=dashboard";
    private static final String MARKUP = "<img src=x onerror=\"window.broken=1\"><script>window.broken=1</script>";
    private static final String REPOSITORY = "localhost:2375/dashboard/app";

    /** Paths of the pages and their headings. */
    private static final Map<String, String> PAGES = pages();

    private final Target target;
    private Browser browser;
    private Page page;
    private String web;
    private String operator;

    DashboardIT(Target target) {
        this.target = target;
    }

    private static Map<String, String> pages() {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("", "Overview");
        for (String title : new String[] {
            "Containers",
            "Images",
            "Builds",
            "Registry",
            "Networks",
            "Volumes",
            "Events",
            "Nodes",
            "Services",
            "Disk",
            "Audit"
        }) {
            pages.put("/" + title.toLowerCase(Locale.ROOT), title);
        }
        return pages;
    }

    @BeforeAll
    void start() {
        browser = Browser.start(target.berth(), target.scratch());
        String cookie = target.http()
                .post("/api/session", "{\"token\": \"" + token("operator") + "\"}")
                .header("Set-Cookie");
        operator = cookie.substring(0, cookie.indexOf(';'));
        DockerCli docker = target.docker();
        docker.ok("network", "create", "dashboard-front");
        docker.ok("network", "create", "--internal", "dashboard-back");
        web = run(
                "--name=dashboard-web",
                "--network=dashboard-front",
                "-p=8099:80",
                "--label=note=" + MARKUP,
                "-e=PASSWORD=covered",
                Target.IMAGE,
                "sh",
                "-c",
                "echo '" + MARKUP + "'; printf '\\033[31mred\\033[0m\\n'; echo wrong >&2;"
                        + " i=0; while :; do i=$((i+1)); echo line $i; sleep 0.5; done");
        run(
                "--name=dashboard-db",
                "--network=dashboard-front",
                "-p=127.0.0.1:8098:80",
                "-v=dashboard-data:/data",
                "--memory=64m",
                Target.IMAGE,
                "sleep",
                "1000");
        run(
                "--name=dashboard-inner",
                "--label=io.berth.project=dashboard",
                "--network=dashboard-back",
                Target.IMAGE,
                "sleep",
                "1000");
        docker.run("run", "--name=dashboard-failed", "--label=" + LABEL, Target.IMAGE, "sh", "-c", "exit 3");
        docker.ok("tag", Target.IMAGE, REPOSITORY + ":1");
        docker.ok("push", REPOSITORY + ":1");
    }

    @AfterAll
    void stop() {
        if (browser != null) {
            browser.close();
        }
        for (String made : List.of(
                "tokens/dashboard-operator",
                "tokens/dashboard-viewer",
                "tokens/dashboard-developer",
                "tokens/dashboard-walker",
                "projects/dashboard")) {
            target.http().send("DELETE", "/api/" + made, Map.of(), new byte[0]);
        }
        target.removeContainers(LABEL);
        DockerCli docker = target.docker();
        docker.run("network", "rm", "dashboard-front", "dashboard-back");
        docker.run("volume", "rm", "dashboard-data", "dashboard-made");
        docker.run("rmi", REPOSITORY + ":1", "dashboard/own:1");
    }

    @BeforeEach
    void open() {
        page = browser.open(Browser.Window.LIGHT, operator);
    }

    @AfterEach
    void close() {
        Object broken = page.url().startsWith("http") ? page.evaluate("window.broken ?? null") : null;
        page.context().close();
        assertThat(broken).as("markup of a container has run").isNull();
        assertThat(browser.complaints()).isEmpty();
    }

    /** A token of a role, over Docker's socket, whose users may make them. */
    private String token(String role) {
        return token("dashboard-" + role, role);
    }

    private String token(String name, String role) {
        String projects = role.equals("operator") ? "[]" : "[\"dashboard\"]";
        String order = "{\"name\": \"%s\", \"role\": \"%s\", \"projects\": %s}".formatted(name, role, projects);
        RawHttp.Response made = target.http().post("/api/tokens", order);
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made.json().path("token").asString();
    }

    private String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--label=" + LABEL));
        command.addAll(List.of(arguments));
        return target.docker().ok(command.toArray(String[]::new)).strip();
    }

    private void visit(String path) {
        page.navigate(browser.origin() + "/ui" + path);
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private Locator dialog() {
        return page.getByRole(AriaRole.DIALOG);
    }

    private Locator inDialog(String button) {
        return dialog().getByRole(
                        AriaRole.BUTTON,
                        new Locator.GetByRoleOptions().setName(button).setExact(true));
    }

    private Locator row(String text) {
        return page.getByRole(AriaRole.ROW).filter(new Locator.FilterOptions().setHasText(text));
    }

    private String state(String container) {
        return target.docker()
                .ok("inspect", "-f", "{{.State.Status}}", container)
                .strip();
    }

    private void awaitState(String container, String state) {
        Eventually.holds(
                Duration.ofSeconds(20),
                () -> state(container).equals(state),
                () -> container + " is " + state(container));
    }

    @Test
    void eachPageShowsItselfWithoutBarriersInEveryWindow() {
        for (Browser.Window window : Browser.Window.values()) {
            page.context().close();
            page = browser.open(window, operator);
            for (Map.Entry<String, String> each : PAGES.entrySet()) {
                visit(each.getKey());
                assertThat(page.locator("h1")).hasText(each.getValue());
                assertThat(page.locator(".loading")).hasCount(0);
                assertThat(page.locator(".error-box")).hasCount(0);
                String name = window.name().toLowerCase(Locale.ROOT) + "-"
                        + each.getValue().toLowerCase(Locale.ROOT);
                Browser.photograph(page, name);
                assertThat(Browser.barriers(page)).as(name).isEmpty();
                assertThat((Boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                        .as(name + " fits the width of the window")
                        .isTrue();
            }
        }
    }

    @Test
    void showsAContainerWithItsChartsAndSettings() {
        visit("/containers/" + web);
        assertThat(page.locator("h1")).hasText("dashboard-web");
        assertThat(page.locator(".chart canvas")).hasCount(4);
        assertThat(page.locator(".chart-now").first()).hasText(Pattern.compile("[0-9.]+ %"));
        assertThat(page.getByText(MARKUP).first()).isVisible();
        assertThat(page.getByText("covered", new Page.GetByTextOptions().setExact(true)))
                .hasCount(0);
        button("Show secrets").click();
        assertThat(page.getByText("covered", new Page.GetByTextOptions().setExact(true)))
                .isVisible();
        Browser.photograph(page, "light-container");
        assertThat(Browser.barriers(page)).isEmpty();
    }

    @Test
    void searchesAndFollowsALog() {
        visit("/containers/" + web + "/logs");
        Locator log = page.getByRole(AriaRole.LOG);
        assertThat(log.getByText(MARKUP)).isVisible();
        assertThat(log.locator(".ansi-fg-1")).hasText("red");
        assertThat(log.locator(".log-line.stderr")).hasText("wrong");
        long before = lines(log);
        Eventually.holds(Duration.ofSeconds(10), () -> lines(log) > before, () -> "no new line in the log");
        page.getByLabel("Search in the log").fill("WRONG");
        assertThat(log.locator(".log-line")).hasCount(1);
        assertThat(log.locator("mark")).hasText("wrong");
        page.getByLabel("Search in the log").fill("");
        Browser.photograph(page, "light-logs");
        assertThat(Browser.barriers(page)).isEmpty();
    }

    private static long lines(Locator log) {
        return log.locator(".log-line").count();
    }

    @Test
    void opensATerminalInAContainer() {
        visit("/containers/" + web + "/terminal");
        button("Open").click();
        Locator rows = page.locator(".xterm-rows");
        assertThat(rows).containsText("#");
        page.keyboard().type("echo $((6 * 7))x; printf '\\033[38;2;1;200;3mcolour\\033[0m\\n'\n");
        assertThat(rows).containsText("42x");
        Browser.photograph(page, "light-terminal");
        assertThat(target.docker().ok("top", web)).contains("/bin/sh");
        page.keyboard().type("exit\n");
        assertThat(page.getByText("The program has ended.")).isVisible();
    }

    @Test
    void startsStopsAndRemovesAContainer() {
        visit("/containers");
        button("Run a container").click();
        page.getByLabel("Image").fill(Target.IMAGE);
        page.getByLabel("Name").fill("dashboard-made");
        page.getByLabel("Command").fill("sleep 1000");
        page.getByLabel("Environment").fill("A=1");
        Browser.photograph(page, "light-run");
        assertThat(Browser.barriers(page)).isEmpty();
        inDialog("Run").click();
        assertThat(page.locator("h1")).hasText("dashboard-made");
        assertThat(state("dashboard-made")).isEqualTo("running");
        button("Kill").click();
        inDialog("Kill").click();
        assertThat(button("Start")).isVisible();
        assertThat(state("dashboard-made")).isEqualTo("exited");

        visit("/containers");
        button("Start dashboard-made").click();
        awaitState("dashboard-made", "running");
        assertThat(button("Stop dashboard-made")).isVisible();
        button("Remove dashboard-made").click();
        Browser.photograph(page, "light-remove");
        inDialog("Cancel").click();
        assertThat(dialog()).hasCount(0);
        assertThat(state("dashboard-made")).isEqualTo("running");
        button("Remove dashboard-made").click();
        inDialog("Remove").click();
        assertThat(row("dashboard-made")).hasCount(0);
        assertThat(target.docker().run("inspect", "dashboard-made").exitCode()).isNotZero();
    }

    @Test
    void findsFiltersAndMeasuresContainers() {
        visit("/containers");
        assertThat(row("dashboard-web").locator(".meter-value"))
                .hasText(Pattern.compile("[0-9.]+ %"), new LocatorAssertions.HasTextOptions().setTimeout(20_000));
        page.getByLabel("Search containers").fill("dashboard-db");
        assertThat(page.locator("tbody tr")).hasCount(1);
        page.getByLabel("Search containers").fill("dashboard");
        button("stopped").click();
        assertThat(row("dashboard-failed")).isVisible();
        assertThat(row("dashboard-web")).hasCount(0);
    }

    @Test
    void showsLayersAndNamesOfAnImage() {
        visit("/images");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(Target.IMAGE))
                .click();
        assertThat(page.locator(".layers li")).not().hasCount(0);
        assertThat(page.getByText("Layers (1 layer)")).isVisible();
        Browser.photograph(page, "light-image");
        assertThat(Browser.barriers(page)).isEmpty();
        button("Add a name").click();
        dialog().getByLabel("Name").fill("dashboard-name:2");
        inDialog("Add").click();
        assertThat(page.getByText("dashboard-name:2").first()).isVisible();
        target.docker().ok("rmi", "dashboard-name:2");
    }

    @Test
    void pullsFromThePlatformsRegistryAndShowsIt() {
        visit("/registry");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("dashboard/app"))
                .click();
        assertThat(page.locator("h1")).hasText("dashboard/app");
        button("1").click();
        assertThat(dialog().locator(".descriptors li")).hasCount(1);
        assertThat(dialog()).containsText("Nothing refers to it");
        Browser.photograph(page, "light-tag");
        assertThat(Browser.barriers(page)).isEmpty();
        page.keyboard().press("Escape");
        assertThat(dialog()).hasCount(0);

        target.docker().ok("rmi", REPOSITORY + ":1");
        visit("/images");
        button("Pull an image").click();
        dialog().getByLabel("Image").fill(REPOSITORY + ":1");
        inDialog("Pull").click();
        assertThat(dialog()).hasCount(0);
        assertThat(page.getByText(REPOSITORY + ":1 is here")).isVisible();
        target.docker().ok("inspect", REPOSITORY + ":1");
        button("Pull an image").click();
        dialog().getByLabel("Image").fill("localhost:2375/dashboard/none:1");
        inDialog("Pull").click();
        assertThat(dialog().getByRole(AriaRole.ALERT)).isVisible();
    }

    @Test
    void drawsWhoReachesWhat() {
        visit("/networks");
        Locator map = page.locator("svg.map");
        assertThat(map).containsText("dashboard-web");
        assertThat(map).containsText("8099");
        assertThat(map.locator(".map-box.reach-everywhere")).hasCount(1);
        assertThat(map.locator(".map-box.reach-loopback")).hasCount(1);
        Locator exposed = page.locator(".exposed li");
        assertThat(exposed.filter(new Locator.FilterOptions().setHasText("dashboard-web")))
                .containsText("everyone who reaches the host");
        assertThat(exposed.filter(new Locator.FilterOptions().setHasText("dashboard-db")))
                .containsText("this machine only");
        page.locator(".card select").selectOption("dashboard-back");
        assertThat(map).not().containsText("dashboard-web");
        map.locator(".map-title").getByText("dashboard-inner").click();
        assertThat(page.locator("h1")).hasText("dashboard-inner");
    }

    @Test
    void showsBuilds() throws IOException {
        Path context = Files.createTempDirectory(target.scratch(), "context");
        Files.writeString(context.resolve("Dockerfile"), "FROM " + Target.IMAGE + "\nRUN exit 7\n");
        Outcome _ = target.docker().run("build", "-t", "dashboard/fails:1", context.toString());
        visit("/builds");
        assertThat(row("dashboard/fails:1").first()).containsText("failed");
        assertThat(row("dashboard/fails:1").first()).containsText("exit 7");
    }

    @Test
    void makesAndRemovesAVolume() {
        visit("/volumes");
        assertThat(row("dashboard-data")).containsText("dashboard-db");
        button("Create a volume").click();
        dialog().getByLabel("Name").fill("dashboard-made");
        inDialog("Create").click();
        assertThat(row("dashboard-made")).containsText("unused");
        button("Remove volume dashboard-made").click();
        inDialog("Remove").click();
        assertThat(row("dashboard-made")).hasCount(0);
        assertThat(button("Remove volume dashboard-data")).isDisabled();
    }

    @Test
    void tellsEventsAsTheyHappen() {
        visit("/events");
        assertThat(page.locator(".lead")).containsText("live");
        target.docker().ok("run", "--rm", "--name=dashboard-event", "--label=" + LABEL, Target.IMAGE, "true");
        assertThat(row("dashboard-event").filter(new Locator.FilterOptions().setHasText("destroy")))
                .isVisible();
        page.getByLabel("About").selectOption("volume");
        assertThat(row("dashboard-event")).hasCount(0);
    }

    @Test
    void freesSpaceAfterAsking() {
        visit("/disk");
        button("Free the space of unused build cache").click();
        assertThat(dialog()).containsText("Cached steps");
        inDialog("Free space").click();
        assertThat(page.locator(".toast")).containsText("freed");
        Browser.photograph(page, "light-freed");
    }

    @Test
    void showsTheBreakersAndThatAServiceIsDownWithoutHidingTheRest() {
        String down = target.http()
                .get("/api/platform")
                .body()
                .replaceFirst(
                        "\"registry\":\\{\"status\":\"UP\"",
                        "\"registry\":{\"status\":\"DOWN\",\"cause\":\"no answer within 1000 ms\"");
        page.route("**/api/platform", route -> route.fulfill(json(200, down)));
        page.route(
                "**/berth/registry/**",
                route -> route.fulfill(json(
                        503, "{\"errors\":[{\"code\":\"UNAVAILABLE\",\"message\":\"registry is unavailable\"}]}")));
        visit("/services");
        assertThat(page.locator(".service.down")).containsText("no answer within 1000 ms");
        assertThat(page.locator(".service").filter(new Locator.FilterOptions().setHasText("engine")))
                .containsText("closed");
        visit("/registry");
        assertThat(page.locator(".error-box")).containsText("the service is down");
        assertThat(page.locator(".error-box")).containsText("registry is unavailable");
        Browser.photograph(page, "light-registry-down");
        visit("");
        assertThat(page.locator(".card").filter(new Locator.FilterOptions().setHasText("Services")))
                .containsText("no answer within 1000 ms");
        assertThat(page.locator(".tile-value").first()).hasText(Pattern.compile("[1-9][0-9]*"));
    }

    private static Route.FulfillOptions json(int status, String body) {
        return new Route.FulfillOptions()
                .setStatus(status)
                .setContentType("application/json")
                .setBody(body);
    }

    @Test
    void worksByKeyboard() {
        visit("");
        assertThat(page.locator("h1")).hasText("Overview");
        assertThat(page.locator(".live.live")).isVisible();
        page.keyboard().press("g");
        page.keyboard().press("c");
        assertThat(page.locator("h1")).hasText("Containers");
        page.keyboard().press("/");
        assertThat(page.getByLabel("Search containers")).isFocused();
        page.keyboard().type("dashboard-failed");
        assertThat(page.locator("tbody tr")).hasCount(1);
        Locator remove = button("Remove dashboard-failed");
        remove.focus();
        page.keyboard().press("Enter");
        assertThat(dialog()).isVisible();
        for (int i = 0; i < 8; i++) {
            page.keyboard().press("Tab");
            assertThat((Boolean) page.evaluate(
                            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"))
                    .as("the focus stays in the dialog")
                    .isTrue();
        }
        page.keyboard().press("Escape");
        assertThat(dialog()).hasCount(0);
        assertThat(remove).isFocused();
        page.keyboard().press("?");
        assertThat(dialog()).containsText("Keyboard shortcuts");
        page.keyboard().press("Escape");

        page.reload();
        assertThat(page.locator("h1")).hasText("Containers");
        page.keyboard().press("Shift+Tab");
        while (!(Boolean) page.evaluate("document.activeElement === document.body")) {
            page.keyboard().press("Shift+Tab");
        }
        page.keyboard().press("Tab");
        assertThat(page.locator(".skip")).isFocused();
        page.keyboard().press("Enter");
        assertThat((String) page.evaluate("document.activeElement.id")).isEqualTo("content");
    }

    @Test
    void aPhoneHasItsNavigationInAMenu() {
        page.context().close();
        page = browser.open(Browser.Window.PHONE, operator);
        visit("");
        button("More").click();
        page.getByRole(AriaRole.NAVIGATION, new Page.GetByRoleOptions().setName("Main"))
                .getByText("Volumes")
                .click();
        assertThat(page.locator("h1")).hasText("Volumes");
        assertThat(page.locator(".menu-open")).hasCount(0);
        visit("/containers/" + web + "/logs");
        assertThat(page.getByRole(AriaRole.LOG)).containsText("line");
        Browser.photograph(page, "phone-logs");
    }

    @Test
    void aChosenThemeStays() {
        visit("");
        button("dark theme").click();
        Object dark = page.evaluate("getComputedStyle(document.body).color");
        page.reload();
        assertThat(page.locator("h1")).hasText("Overview");
        assertThat(page.evaluate("getComputedStyle(document.body).color")).isEqualTo(dark);
        assertThat(page.evaluate("document.documentElement.dataset.theme")).isEqualTo("dark");
    }

    @Test
    void aViewerLogsInAndHasNoButtons() {
        page.context().close();
        page = browser.open(Browser.Window.LIGHT, "");
        // This platform lets everybody in who comes by TCP; what the page does where nobody is logged in must be asked
        // for.
        page.route("**/api/session", route -> {
            if (route.request().method().equals("GET")) {
                route.fulfill(json(401, "{\"message\":\"nobody is logged in\"}"));
            } else {
                route.resume();
            }
        });
        visit("/containers");
        button("token").click();
        page.getByLabel("Token").fill("berth_wrong");
        button("Log in").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("do not match");
        Browser.photograph(page, "light-login");
        assertThat(Browser.barriers(page)).isEmpty();
        project();
        page.getByLabel("Token").fill(token("viewer"));
        button("Log in").click();
        assertThat(page.locator(".who")).containsText("viewer");
        assertThat(page.locator("h1")).hasText("Containers");
        assertThat(button("Run a container")).hasCount(0);
        assertThat(page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Remove")))
                .hasCount(0);
        assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Audit")))
                .hasCount(0);
        assertThat(row("dashboard-inner")).isVisible();
        assertThat(row("dashboard-web")).hasCount(0);
        button("Log out").click();
        assertThat(button("Log in")).isVisible();
    }

    private void project() {
        RawHttp.Response project = target.http()
                .send(
                        "PUT",
                        "/api/projects/dashboard",
                        Map.of("Content-Type", "application/json"),
                        "{}".getBytes(UTF_8));
        assertThat(project.status()).as(project.body()).isBetween(200, 201);
    }

    /** Walks through all pages: nothing is asked that is refused, and nothing offered that would be. */
    @ParameterizedTest
    @ValueSource(strings = {"viewer", "developer"})
    void nothingIsOfferedThatTheRoleMayNotDo(String role) {
        page.context().close();
        project();
        target.docker().ok("commit", "dashboard-failed", "dashboard/own:1");
        String name = "dashboard-walker";
        target.http().send("DELETE", "/api/tokens/" + name, Map.of(), new byte[0]);
        String cookie = target.http()
                .post("/api/session", "{\"token\": \"" + token(name, role) + "\"}")
                .header("Set-Cookie");
        page = browser.open(Browser.Window.LIGHT, cookie.substring(0, cookie.indexOf(';')));
        List<String> refused = new CopyOnWriteArrayList<>();
        page.onResponse(response -> {
            if (response.status() >= 400) {
                refused.add(response.status() + " " + response.request().method() + " " + response.url());
            }
        });
        String inner = target.docker()
                .ok("inspect", "-f", "{{.Id}}", "dashboard-inner")
                .strip();
        List<String> paths = new ArrayList<>(PAGES.keySet());
        paths.remove("/audit");
        for (String tab : List.of("", "/logs", "/terminal", "/processes", "/inspect")) {
            paths.add("/containers/" + inner + tab);
        }
        paths.add("/registry/dashboard/app");
        for (String path : paths) {
            visit(path);
            assertThat(page.locator("h1")).isVisible();
            assertThat(page.locator(".loading")).hasCount(0);
            assertThat(page.locator(".error-box").allTextContents()).as(path).isEmpty();
            assertThat(page.locator("body")).not().containsText("dashboard-web");
            for (String operators : List.of("Remove unused", "Free", "Prune", "Open breaker", "Drain", "Remove tag")) {
                assertThat(page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(operators))
                                .count())
                        .as(operators + " on " + path)
                        .isZero();
            }
        }
        assertThat(refused).isEmpty();
        visit("/registry");
        assertThat(row("dashboard/app")).isVisible();
        visit("/registry/dashboard/app");
        assertThat(row("MB")).hasCount(1);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("1").setExact(true))
                .click();
        assertThat(dialog()).containsText("Layers");
        assertThat(refused).isEmpty();
        visit("/images");
        assertThat(row("dashboard/own:1")).isVisible();
        assertThat(row(Target.IMAGE).getByRole(AriaRole.BUTTON)).hasCount(0);
        if (role.equals("developer")) {
            aDeveloperUsesWhatIsOffered(inner);
        } else {
            assertThat(row("dashboard/own:1").getByRole(AriaRole.BUTTON)).hasCount(0);
        }
        assertThat(refused).isEmpty();
    }

    private void aDeveloperUsesWhatIsOffered(String inner) {
        button("Remove dashboard/own:1").click();
        dialog().getByRole(AriaRole.CHECKBOX).check();
        inDialog("Remove").click();
        assertThat(row("dashboard/own:1")).hasCount(0);
        visit("/containers/" + inner);
        assertThat(page.locator(".chart canvas")).hasCount(4);
        button("Kill").click();
        inDialog("Kill").click();
        button("Start").click();
        assertThat(button("Stop")).isVisible();
        visit("/containers/" + inner + "/terminal");
        button("Open").click();
        assertThat(page.locator(".xterm-rows")).containsText("#");
        visit("/disk");
        assertThat(page.locator(".disk li")).hasCount(4);
    }

    @Test
    void aSessionChangesNothingWithoutItsPagesToken() {
        visit("/containers/" + web);
        assertThat(page.locator("h1")).hasText("dashboard-web");
        Object statuses = page.evaluate("""
                async (id) => {
                  const pause = (headers) => fetch(`/containers/${id}/pause`, { method: 'POST', headers }).then((r) => r.status);
                  return [await pause({}), await pause({ 'X-CSRF-Token': 'guessed' })];
                }""", web);
        assertThat(statuses).isEqualTo(List.of(403, 403));
        assertThat(state(web)).isEqualTo("running");
        button("Pause").click();
        assertThat(button("Resume")).isVisible();
        assertThat(state(web)).isEqualTo("paused");
        button("Resume").click();
        assertThat(button("Pause")).isVisible();
    }

    @Test
    void manyContainersComeInPages() {
        page.route("**/containers/json?*", route -> {
            StringBuilder many = new StringBuilder("[");
            for (int i = 0; i < 500; i++) {
                many.append(i == 0 ? "" : ",")
                        .append(
                                "{\"Id\":\"%064d\",\"Names\":[\"/many-%d\"],\"Image\":\"x\",\"ImageID\":\"\",\"Command\":\"\",\"Created\":%d,\"Ports\":[],\"Labels\":{},\"State\":\"exited\",\"Status\":\"Exited (0)\"}"
                                        .formatted(i, i, 1_800_000_000 - i));
            }
            route.fulfill(new Route.FulfillOptions()
                    .setContentType("application/json")
                    .setBody(many.append("]").toString()));
        });
        visit("/containers");
        assertThat(page.locator("tbody tr")).hasCount(50);
        assertThat(page.getByText("Page 1 of 10")).isVisible();
        button("Next").click();
        assertThat(row("many-50")).isVisible();
        page.getByLabel("Search containers").fill("many-499");
        assertThat(page.locator("tbody tr")).hasCount(1);
    }

    @Test
    void theGatewayRefusesWhatForeignPagesSend() {
        String foreign = "http://foreign.localhost:" + target.berth().port();
        page.route(
                foreign + "/**",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("text/html")
                        .setBody("<form method=post action='" + browser.origin() + "/containers/" + web
                                + "/kill'><button>go</button></form>")));
        page.navigate(foreign + "/trap");
        Object sent = page.evaluate("""
                async ([origin, id]) => {
                  const outcome = [];
                  for (const mode of ['no-cors', 'cors']) {
                    await fetch(`${origin}/containers/${id}/kill`, { method: 'POST', mode, credentials: 'include' })
                        .then((r) => outcome.push(r.type), () => outcome.push('failed'));
                  }
                  const socket = new WebSocket(`${origin.replace('http', 'ws')}/containers/${id}/attach/ws?stream=1&stdout=1`);
                  outcome.push(await new Promise((done) => {
                    socket.onopen = () => done('open');
                    socket.onerror = () => done('refused');
                  }));
                  return outcome;
                }""", List.of(browser.origin(), web));
        assertThat(sent).isEqualTo(List.of("opaque", "failed", "refused"));
        page.getByText("go").click();
        page.waitForURL("**/kill");
        assertThat(page.content()).contains("foreign web pages");
        assertThat(state(web)).isEqualTo("running");
        browser.complaints(); // of the foreign page
    }

    @Test
    void nothingOfThePageMayBeWrittenIntoIt() {
        visit("");
        assertThat(page.locator("h1")).hasText("Overview");
        Object outcome = page.evaluate("""
                () => {
                  const found = [];
                  for (const attempt of [
                    () => { document.body.innerHTML = '<b>x</b>'; },
                    () => { const s = document.createElement('script'); s.textContent = 'window.broken = 1'; document.body.append(s); },
                    () => { const b = document.createElement('b'); b.setAttribute('onclick', 'window.broken = 1'); b.click(); },
                  ]) {
                    try { attempt(); found.push('done'); } catch (e) { found.push(e.name); }
                  }
                  const style = document.createElement('style');
                  style.textContent = 'h1 { display: none }';
                  document.head.append(style);
                  found.push(getComputedStyle(document.querySelector('h1')).display);
                  return found;
                }""");
        assertThat(((List<?>) outcome).getFirst()).isEqualTo("TypeError");
        assertThat(((List<?>) outcome).getLast()).isEqualTo("block");
        assertThat(page.evaluate("window.broken ?? null")).isNull();
        assertThat(browser.complaints()).as("the policy was broken, and told").isNotEmpty();
    }
}
