package io.berth.compat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a class of tests that drive a daemon with real clients; it may take an {@link io.berth.compat.Target} in its
 * constructor.
 *
 * <p>Without root, or without the clients, it is skipped with the reason, unless {@code -Dkernel.tests=required} is set: then
 * it fails.
 */
@ExtendWith(TargetExtension.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface CompatTest {}
