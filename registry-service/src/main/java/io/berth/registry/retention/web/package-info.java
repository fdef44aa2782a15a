/**
 * Notes what is pulled.
 */
@NullMarked
package io.berth.registry.retention.web;

import org.jspecify.annotations.NullMarked;
