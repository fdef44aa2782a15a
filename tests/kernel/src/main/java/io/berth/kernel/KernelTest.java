package io.berth.kernel;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test class that makes real kernel calls as root.
 *
 * <p>Without root it is skipped with the reason, unless {@code -Dkernel.tests=required} is set: then it fails. Each such
 * class runs in a JVM of its own, and after each test nothing may be left: see {@link LeakCheck}.
 */
@Tag("kernel")
@ExtendWith({RootCondition.class, LeakCheck.class})
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface KernelTest {}
