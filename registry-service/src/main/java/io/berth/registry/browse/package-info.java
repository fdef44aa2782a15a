/** What the registry has, for people who look around: search, repositories with their sizes, tags with what they point at. */
@NullMarked
package io.berth.registry.browse;

import org.jspecify.annotations.NullMarked;
