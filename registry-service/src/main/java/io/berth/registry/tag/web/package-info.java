/**
 * Tag listing.
 */
@NullMarked
package io.berth.registry.tag.web;

import org.jspecify.annotations.NullMarked;
