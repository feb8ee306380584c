"""Words for what is known of people."""

from django import template

from gallery.visitors import browser_name

register = template.Library()

register.filter("browser", browser_name)
