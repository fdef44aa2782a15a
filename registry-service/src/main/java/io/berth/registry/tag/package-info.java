/**
 * Tags: names that point at manifests.
 */
@NullMarked
package io.berth.registry.tag;

import org.jspecify.annotations.NullMarked;
