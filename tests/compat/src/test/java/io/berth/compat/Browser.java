package io.berth.compat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Debian's Chromium in a platform's network namespace, driven by Playwright. What it complains about, of content policies
 * above all, is noted.
 */
final class Browser implements AutoCloseable {
    /** The window of a session. */
    enum Window {
        LIGHT(1360, 900, ColorScheme.LIGHT, false),
        DARK(1360, 900, ColorScheme.DARK, false),
        PHONE(390, 844, ColorScheme.LIGHT, true);

        private final int width;
        private final int height;
        private final ColorScheme colours;
        private final boolean touch;

        Window(int width, int height, ColorScheme colours, boolean touch) {
            this.width = width;
            this.height = height;
            this.colours = colours;
            this.touch = touch;
        }
    }

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final String AXE = read("/axe.min.js");

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser chromium;
    private final String origin;
    private final List<String> complaints = new ArrayList<>();

    private Browser(Playwright playwright, com.microsoft.playwright.Browser chromium, String origin) {
        this.playwright = playwright;
        this.chromium = chromium;
        this.origin = origin;
    }

    /**
     * Starts it.
     *
     * @param scratch where its start script may be
     */
    static Browser start(BerthInstance berth, Path scratch) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
        try {
            com.microsoft.playwright.Browser chromium = playwright
                    .chromium()
                    .launch(new BrowserType.LaunchOptions()
                            .setExecutablePath(inNamespace(berth, scratch))
                            .setArgs(List.of(
                                    "--no-sandbox",
                                    "--disable-dev-shm-usage",
                                    // The gateway's own checks are tried, not the browser's before them.
                                    "--disable-features=LocalNetworkAccessChecks")));
            return new Browser(playwright, chromium, "http://127.0.0.1:" + berth.port());
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    /** Playwright starts one executable: this script, which starts Chromium where the platform is. */
    private static Path inNamespace(BerthInstance berth, Path scratch) {
        try {
            Path script = Files.createTempFile(
                    scratch,
                    "chromium",
                    ".sh",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            String command = String.join(" ", berth.inNamespace()) + " " + CHROMIUM;
            return Files.writeString(script, "#!/bin/sh\nexec " + command + " \"$@\"\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the platform is, without a slash at the end. */
    String origin() {
        return origin;
    }

    /**
     * A window of its own, without cookies but one.
     *
     * @param session {@code name=value} of who is logged in; empty for nobody
     */
    Page open(Window window, String session) {
        BrowserContext context = chromium.newContext(new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(window.width, window.height)
                .setColorScheme(window.colours)
                .setHasTouch(window.touch)
                .setIsMobile(window.touch)
                .setPermissions(List.of("clipboard-read", "clipboard-write")));
        context.setDefaultTimeout(20_000);
        if (!session.isEmpty()) {
            String[] cookie = session.split("=", 2);
            context.addCookies(List.of(new Cookie(cookie[0], cookie[1])
                    .setUrl(origin)
                    .setHttpOnly(true)
                    .setSameSite(SameSiteAttribute.STRICT)));
        }
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            // The status of an answer is the page's own matter, which it shows.
            if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
                complaints.add(page.url() + ": " + message.text());
            }
        });
        page.onPageError(error -> complaints.add(page.url() + ": " + error));
        return page;
    }

    /** What the browser has complained about since the last call. */
    List<String> complaints() {
        List<String> found = List.copyOf(complaints);
        complaints.clear();
        return found;
    }

    /** Violations of accessibility rules that make a page hard or impossible to use (axe: serious, critical). */
    static List<String> barriers(Page page) {
        page.evaluate(AXE);
        Object found = page.evaluate("""
                async () => {
                  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
                  return violations
                    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
                    .map(({ id, nodes }) => id + ': ' + nodes.map((n) => n.html.slice(0, 200)
                        + ' (' + n.any.map((c) => c.message).join('; ') + ')').join(' | '));
                }""");
        return ((List<?>) Objects.requireNonNull(found))
                .stream().map(String::valueOf).toList();
    }

    /** Keeps what the page looks like in {@code target/screenshots}. */
    static void photograph(Page page, String name) {
        Path file = Path.of("target", "screenshots", name + ".png");
        page.screenshot(new Page.ScreenshotOptions().setPath(file));
    }

    @Override
    public void close() {
        chromium.close();
        playwright.close();
    }

    private static String read(String resource) {
        try (InputStream in = Objects.requireNonNull(Browser.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
